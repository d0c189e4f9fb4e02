import Glibc
import Smelt
import Testing

@testable import Runtimes

/// What a container does while nobody works in it, with a clock of the test's own: `sleep` is a program that counts.
struct KubernetesWaitingTests {
    /// Runs it to its end; gives how many minutes it took. `minute` is a script that each of them runs, in a directory
    /// that has `lease`.
    static func minutes(_ minute: String) throws -> Int {
        let place = try Place()
        for name in ["bin", "lease", "memory", "processes/7"] {
            try Files.makeDirectories("\(place.path)/\(name)")
        }
        try Files.replace(
            "\(place.path)/bin/sleep",
            with: Array("#!/bin/sh\ncd '\(place.path)'\necho >>count\n\(minute)\n".utf8),
            mode: 0o755)
        var command = Command(
            "/bin/sh", "-c",
            KubernetesOrder.waiting(
                memory: "\(place.path)/memory", lease: "\(place.path)/lease",
                processes: "\(place.path)/processes"))
        command.environment = ["PATH=\(place.path)/bin:/usr/bin:/bin"]
        command.timeout = 60
        let finished = try command.run()
        #expect(finished.succeeded)
        return try Files.readText("\(place.path)/count").utf8.count
    }

    @Test func `it ends when nobody has come for so long`() throws {
        #expect(try Self.minutes("exit 0") == KubernetesOrder.patience)
    }

    @Test func `each time that somebody renews the lease it begins anew`() throws {
        #expect(
            try Self.minutes("[ $(wc -l <count) -gt 20 ] || echo >lease/renewed")
                == 20 + KubernetesOrder.patience)
    }

    @Test func `as long as somebody is connected it stays`() throws {
        #expect(
            try Self.minutes(
                "[ $(wc -l <count) -gt 25 ] && rm -f processes/7/comm || echo smelt-inside >processes/7/comm"
            )
                == 25 + KubernetesOrder.patience)
    }

    @Test func `what is kept stays`() throws {
        #expect(
            try Self.minutes(
                "if [ $(wc -l <count) -gt 40 ]; then rm -f lease/kept; else echo >lease/kept; fi")
                == 40 + KubernetesOrder.patience)
    }

    @Test func `a minute that somebody cut short is none`() throws {
        #expect(
            try Self.minutes("[ $(wc -l <count) -gt 30 ] || kill -9 $$") == 30
                + KubernetesOrder.patience)
    }
}
