import SecretSpec
import TestSupport
import Testing

@Suite("$(NAME) as Kubernetes expands it")
struct VariableExpansionTests {
    /// The table of Kubernetes' own test (third_party/forked/golang/expansion/expand_test.go), and what it leaves out.
    static let cases: [(text: String, expected: String)] = [
        ("$(VAR_A)", "A"),
        ("$(VAR_A)-$(VAR_A)", "A-A"),
        ("$(VAR_A)-1", "A-1"),
        ("___$(VAR_B)___", "___B___"),
        ("___$(VAR_C)", "___C"),
        ("$(VAR_A)_$(VAR_B)_$(VAR_C)", "A_B_C"),
        ("$$(VAR_B)_$(VAR_A)", "$(VAR_B)_A"),
        ("$$(VAR_A)_$$(VAR_B)", "$(VAR_A)_$(VAR_B)"),
        ("f000-$$VAR_A", "f000-$VAR_A"),
        ("foo\\$(VAR_C)bar", "foo\\Cbar"),
        ("foo\\\\$(VAR_C)bar", "foo\\\\Cbar"),
        ("foo\\\\\\\\$(VAR_A)bar", "foo\\\\\\\\Abar"),
        ("$(VAR_A$(VAR_B))", "$(VAR_A$(VAR_B))"),
        ("$(VAR_A$(VAR_B)", "$(VAR_A$(VAR_B)"),
        ("$(VAR_REF)", "$(VAR_A)"),
        ("%%$(VAR_REF)--$(VAR_REF)%%", "%%$(VAR_A)--$(VAR_A)%%"),
        ("foo$(VAR_EMPTY)bar", "foobar"),
        ("foo$(VAR_Awhoops!", "foo$(VAR_Awhoops!"),
        ("f00__(VAR_A)__", "f00__(VAR_A)__"),
        ("$?_boo_$!", "$?_boo_$!"),
        ("$VAR_A", "$VAR_A"),
        ("$(VAR_DNE)", "$(VAR_DNE)"),
        ("$$$$$$(BIG_MONEY)", "$$$(BIG_MONEY)"),
        ("$$$$$$(VAR_A)", "$$$(VAR_A)"),
        ("$$$$$$$(GOOD_ODDS)", "$$$$(GOOD_ODDS)"),
        ("$$$$$$$(VAR_A)", "$$$A"),
        ("$VAR_A)", "$VAR_A)"),
        ("${VAR_A}", "${VAR_A}"),
        ("$(VAR_B)_______$(A", "B_______$(A"),
        ("$(VAR_C)_______$(", "C_______$("),
        ("$(VAR_A)foobarzab$", "Afoobarzab$"),
        ("foo-\\$(VAR_A", "foo-\\$(VAR_A"),
        ("--$($($($($--", "--$($($($($--"),
        ("$($($($($--foo$(", "$($($($($--foo$("),
        ("foo0--$($($($(", "foo0--$($($($("),
        ("$(foo$$var)", "$(foo$$var)"),
        ("\n", "\n"),
        ("", ""), ("$", "$"), ("$$", "$"), ("$$$", "$$"), ("$()", "$()"), ("a$()b", "a$()b"),
    ]
    static let variables = ["VAR_A": "A", "VAR_B": "B", "VAR_C": "C", "VAR_REF": "$(VAR_A)", "VAR_EMPTY": ""]

    static func expand(_ text: String) -> String {
        let bytes = VariableExpansion.expand(text.utf8) { name in variables[String(decoding: name, as: UTF8.self)]?.utf8
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("gives what Kubernetes gives", arguments: cases)
    func table(text: String, expected: String) {
        #expect(Self.expand(text) == expected)
    }

    @Test("garbles what Kubernetes garbles")
    func beyondASCII() {
        let bytes = VariableExpansion.expand("$é".utf8) { _ in [UInt8]?.none }
        #expect(bytes == [0x24, 0xC3, 0x83, 0xA9])
    }

    @Test("parts tell text from references")
    func parts() {
        #expect(
            VariableExpansion.parts(of: "a$$b$(DB)$(X)c".utf8)
                == [
                    .text(Array("a$b".utf8)), .reference(name: Array("DB".utf8)), .reference(name: Array("X".utf8)),
                    .text(Array("c".utf8)),
                ])
    }

    @Test("an escaped text comes out as it was", arguments: 0..<50 as Range<UInt64>)
    func escape(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let text = ExecCommandTests.randomText(&generator)
            #expect(Self.expand(VariableExpansion.escaped(text)).utf8.elementsEqual(text.utf8))
        }
    }

    @Test("costs no more than its length")
    func linear() {
        let openers = String(repeating: "$(", count: 200_000)
        #expect(Self.expand(openers) == openers)
    }
}
