import Testing

@testable import Forges

struct NeutralTests {
    @Test(arguments: [
        ("plain/path.txt", "`plain/path.txt`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("", "`  `"),
        ("a|b", "`a\\|b`"),
        ("@ann", "`@\u{200B}ann`"),
        ("closes #12", "`closes #\u{200B}12`"),
        ("fixes GH-7", "`fixes GH-\u{200B}7`"),
        ("https://github.com/o/r/issues/1", "`https:\u{200B}//github.com/o/r/issues/1`"),
        ("![x](y)", "`!\u{200B}[x](y)`"),
        ("<img src=x>", "`<img src=x>`"),
        ("line\nend\u{202E}\u{1B}[2J", "`line\\u{a}end\\u{202e}\\u{1b}[2J`"),
        ("zero\u{200B}width", "`zero\\u{200b}width`"),
    ])
    func `foreign text becomes harmless code`(text: String, code: String) {
        #expect(Neutral.code(text) == code)
    }

    @Test func `plain words have no markup left`() {
        #expect(
            Neutral.plain("<b>*x*</b> [a](b) `c` @d")
                == "&lt;b&gt;\\*x\\*&lt;/b&gt; \\[a\\](b) \\`c\\` @\u{200B}d")
    }

    @Test func `long text is cut`() {
        #expect(Neutral.code(String(repeating: "x", count: 400), most: 5) == "`xxxxx…`")
    }
}
