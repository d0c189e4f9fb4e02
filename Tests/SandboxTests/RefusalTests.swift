import Records
import Testing

@testable import Sandbox

@Suite struct RefusalTests {
    private func told(_ refusals: Refusals) -> (records: [Denied], sentences: [String]) {
        var refusals = refusals
        var (records, sentences): ([Denied], [String]) = ([], [])
        refusals.tell(of: "s") {
            records.append($0)
        } sentence: {
            sentences.append($0)
        }
        return (records, sentences)
    }

    @Test func `the same thing is told once, with its number, in the order of the first`() {
        var refusals = Refusals()
        for host in ["b.example", "a.example", "b.example"] {
            refusals.add(
                EgressWord.Decision(
                    host: host, port: 443, allowed: false, reason: "not in network.allow"))
        }
        refusals.add(EgressWord.Decision(host: "c.example", port: 443, allowed: true))
        #expect(
            told(refusals).sentences == [
                "refused 2 times: connect b.example:443, not in network.allow",
                "refused once: connect a.example:443, not in network.allow",
            ])
        #expect(told(refusals).records.map(\.count) == [2, 1])
    }

    @Test func `what is alike to two mechanisms is two things`() {
        var refusals = Refusals()
        refusals.add("mount", by: "seccomp", "by seccomp")
        refusals.add("mount", by: "trace", "Operation not permitted")
        #expect(told(refusals).records.map(\.mechanism) == ["seccomp", "trace"])
    }

    @Test func `of each mechanism a thousand kinds are told apart`() {
        var refusals = Refusals()
        for number in 0..<1200 {
            refusals.add("mkdir /\(number)", by: "trace", "Permission denied", times: 2)
        }
        refusals.add("mkdir /7", by: "trace", "Permission denied")
        refusals.add("mount", by: "seccomp", "by seccomp")
        let all = told(refusals)
        #expect(all.records.count == 1002)
        #expect(all.sentences.first == "refused 2 times: mkdir /0, Permission denied")
        #expect(all.sentences[7] == "refused 3 times: mkdir /7, Permission denied")
        #expect(
            all.sentences[1000]
                == "refused 400 times: something else, only 1000 kinds were told apart")
        #expect(all.sentences.last == "refused once: mount, by seccomp")
    }

    @Test func `what was told is not told again`() {
        var refusals = Refusals()
        refusals.add(.output(bytes: 8))
        refusals.remark("of some, only a part")
        refusals.remark("of some, only a part")
        var sentences: [String] = []
        for _ in 0..<2 {
            refusals.tell(of: "s") { _ in
            } sentence: {
                sentences.append($0)
            }
        }
        #expect(
            sentences == [
                "refused once: more output, the limit output is 8 bytes", "of some, only a part",
            ])
    }
}
