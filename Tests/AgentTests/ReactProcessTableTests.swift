import Foundation
import Glibc
import SecretSpec
import Testing

@testable import Agent

@Suite("What /proc says, and what it does not")
struct ReactProcessTableTests {
    let folder: TemporaryFolder
    let table: ProcessTable

    init() throws {
        folder = try TemporaryFolder()
        table = ProcessTable(path: folder.path)
    }

    func write(_ process: String, _ name: String, _ content: [UInt8]) throws {
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/\(process)", withIntermediateDirectories: true)
        try Data(content).write(to: URL(fileURLWithPath: "\(folder.path)/\(process)/\(name)"))
    }

    static func line(_ name: [UInt8], state: String = "S", parent: String = "0", started: String = "77") -> [UInt8] {
        let between = [String](repeating: "1", count: 17).joined(separator: " ")
        return Array("9 (".utf8) + name + Array(") \(state) \(parent) \(between) \(started) 5 6\n".utf8)
    }

    @Test(
        "a process may call itself what it likes",
        arguments: [
            "nginx", "", ") Z 4 4 4", "a b\nc", "((", "))) S 1", "\u{0}\u{FFFD}é",
        ])
    func names(name: String) throws {
        let entry = try #require(ProcessTable.parse(stat: Self.line(Array(name.utf8)), process: 9))
        #expect(entry == .init(process: 9, parent: 0, started: 77, isZombie: false))
        #expect(ProcessTable.parse(stat: Self.line([0xFF, 0xFE, 0x29]), process: 9) == entry)
    }

    @Test("half a line, numbers that are none, and nothing are no process")
    func malformed() throws {
        let whole = Self.line(Array("name".utf8))
        for count in 0..<whole.count - 8 {
            #expect(ProcessTable.parse(stat: Array(whole.prefix(count)), process: 9) == nil)
        }
        for number in ["-1", "x", "99999999999999999999999999", "0x7", "+5"] {
            #expect(ProcessTable.parse(stat: Self.line([], parent: number), process: 9) == nil)
            #expect(ProcessTable.parse(stat: Self.line([], started: number), process: 9) == nil)
        }
        #expect(ProcessTable.parse(stat: Self.line([], state: "Z"), process: 9)?.isZombie == true)
        #expect(table.entry(9) == nil && table.user(9) == nil)
        #expect(table.mounts(of: "9", on: DeviceNumber(1)) == [])
    }

    @Test("mounts of the volume alone, whatever their paths hold")
    func mounts() throws {
        let lines = """
            36 35 0:33 / /run/secrets rw - tmpfs tmpfs rw
            37 35 0:34 / /0:33 rw - tmpfs 0:33 rw
            38 35 0:33 /a /x\\0400:33 rw - tmpfs tmpfs rw
            99 0:33
            x 35 0:33 / / rw
            18446744073709551616 35 0:33 / / rw
            40 35 00:33 / / rw

            41 35 0:330 / / rw
            """
        try write("9", "mountinfo", Array(lines.utf8) + [0xFF, 0x0A, 0x00])
        // makedev(0, 33)
        #expect(table.mounts(of: "9", on: DeviceNumber(33)) == [36, 38])
        #expect(table.mounts(of: "9", on: DeviceNumber(34)) == [37])
    }

    @Test("device numbers are written as the kernel does")
    func devices() throws {
        for (major, minor) in [(0, 33), (8, 1), (259, 70_000), (4095, 255), (0x12345, 0xABCDE)] as [(UInt, UInt)] {
            let device = (major & 0xFFF) << 8 | (major & ~0xFFF) << 32 | minor & 0xFF | (minor & ~0xFF) << 12
            #expect(DeviceNumber(device).isWritten(as: Array("\(major):\(minor)".utf8)[...]))
        }
    }

    @Test("user ids come from the line that a name cannot forge")
    func users() throws {
        try write("9", "status", Array("Name:\tx\\nUid:\t0\nUmask:\t0022\nUid:\t1000\t1001\t1002\t1003\n".utf8))
        #expect(table.user(9) == 1000)
        try write("9", "status", Array("Name:\tx\nUid:\n".utf8))
        #expect(table.user(9) == nil)
    }

    /// Of a pod as /proc would show it: nobody is signalled here, for the processes are not found by the kernel.
    @Test("the oldest without a parent is found in each container, and nobody in the agent's or the sandbox's")
    func selection() throws {
        let device = DeviceNumber(try folder.status("").st_dev).description
        func process(_ number: String, parent: Int = 0, started: Int, mounts: [Int]) throws {
            try write(number, "stat", Self.line([], parent: "\(parent)", started: "\(started)"))
            let lines = mounts.map { "\($0) 1 \(device) / /m rw - tmpfs tmpfs rw\n" }.joined()
            try write(number, "mountinfo", Array((lines + "500 1 7:7 / / rw\n").utf8))
        }
        // Numbers that no process has: the handle by number looks into the table alone.
        let base = 1 << 26
        func number(_ offset: Int) -> String { "\(base + offset)" }
        try process("self", started: 5, mounts: [10])
        try process("1", started: 1, mounts: [])
        try process(number(1), started: 9, mounts: [20, 21])
        try process(number(2), started: 8, mounts: [20, 21])
        try process(number(3), parent: base + 2, started: 7, mounts: [20, 21])
        try process(number(4), started: 6, mounts: [])
        try process(number(5), started: 4, mounts: [10])
        try process(number(6), started: 9, mounts: [30])
        try write(number(7), "stat", [])
        try write(number(8), "mountinfo", Array("20 1 \(device) / / rw\n".utf8))
        try write("net", "stat", Self.line([]))
        let processes = MainProcesses(of: folder.path, table: table)
        #expect(try processes.candidates().map { Int($0.process) - base } == [2, 6])

        try process("1", started: 1, mounts: [40])
        #expect(throws: ReactionError.noProcess(directory: folder.path)) { try processes.candidates() }
    }

    @Test("what is missing is said")
    func missing() throws {
        #expect(throws: ReactionError.noProcess(directory: folder.path)) {
            try MainProcesses(of: folder.path, table: table).find()
        }
        #expect(throws: ReactionError.system(attempt: "look at '/missing'", code: ENOENT)) {
            try MainProcesses(of: "/missing", table: table).find()
        }
        #expect(throws: ReactionError.system(attempt: "list '/missing'", code: ENOENT)) {
            try ProcessTable(path: "/missing").processes()
        }
    }
}
