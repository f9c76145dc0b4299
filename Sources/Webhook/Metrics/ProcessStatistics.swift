import Glibc

/// What the kernel says about this process (proc(5)).
struct ProcessStatistics {
    private(set) var residentBytes: Double?
    private(set) var virtualBytes: Double?
    private(set) var cpuSeconds: Double?
    private(set) var openDescriptors: Double?
    private(set) var maximumDescriptors: Double?
    private(set) var startSeconds: Double?

    /// Reads them now; what cannot be read is nil.
    static func read() -> ProcessStatistics {
        var statistics = ProcessStatistics()
        statistics.readStat()
        statistics.readDescriptors()
        return statistics
    }

    private mutating func readStat() {
        guard let bytes = try? SmallFile.read("/proc/self/stat") else { return }
        let text = String(decoding: bytes, as: UTF8.self)
        // The program's name in parentheses may hold anything; fields are counted behind it.
        guard let end = text.lastIndex(of: ")") else { return }
        let fields = text[text.index(after: end)...].split(separator: " ")
        func field(_ number: Int) -> Double? {
            let index = number - 3
            return fields.indices.contains(index) ? Double(fields[index]) : nil
        }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        if let user = field(14), let system = field(15) { cpuSeconds = (user + system) / ticks }
        if let started = field(22), let booted = ProcessStatistics.bootSeconds() {
            startSeconds = booted + started / ticks
        }
        virtualBytes = field(23)
        if let pages = field(24) { residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE))) }
    }

    private static func bootSeconds() -> Double? {
        guard let bytes = try? SmallFile.read("/proc/stat") else { return nil }
        let line = bytes.split(separator: 0x0A).first { $0.starts(with: "btime ".utf8) }
        return line.flatMap { Double(String(decoding: $0.dropFirst(6), as: UTF8.self)) }
    }

    private mutating func readDescriptors() {
        if let directory = opendir("/proc/self/fd") {
            var count = 0
            while let entry = Glibc.readdir(directory) {
                if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
            }
            closedir(directory)
            // One of them was the directory's own.
            openDescriptors = Double(count - 1)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            maximumDescriptors = Double(limit.rlim_cur)
        }
    }

    /// Appends them under the names that every client library of Prometheus uses.
    func write(to text: inout PrometheusText) {
        if let cpuSeconds {
            text.counter("process_cpu_seconds_total", cpuSeconds, "User and system CPU time spent.")
        }
        if let residentBytes { text.gauge("process_resident_memory_bytes", residentBytes, "Resident memory size.") }
        if let virtualBytes { text.gauge("process_virtual_memory_bytes", virtualBytes, "Virtual memory size.") }
        if let openDescriptors { text.gauge("process_open_fds", openDescriptors, "Open file descriptors.") }
        if let maximumDescriptors {
            text.gauge("process_max_fds", maximumDescriptors, "Limit of open file descriptors.")
        }
        if let startSeconds {
            text.gauge("process_start_time_seconds", startSeconds, "Start time since the Unix epoch.")
        }
    }
}
