import Glibc
import Smelt
import Testing

@testable import Runtimes

/// What a container does while nobody works in it, with a clock of the test's own: `sleep` is a program that counts, and takes
/// no longer than until a file can be told from one that was written before it.
struct KubernetesWaitingTests {
    /// Runs it to its end; gives how many minutes it took. `minute` is a script that each of them runs, in a directory
    /// that has `lease`.
    static func minutes(in container: String = KubernetesOrder.keeper, _ minute: String) throws
        -> Int
    {
        let place = try Place()
        for name in [
            "bin", "lease/keeper", "lease/session-1", "lease/session-2", "memory", "processes/7",
        ] {
            try Files.makeDirectories("\(place.path)/\(name)")
        }
        try Files.replace(
            "\(place.path)/bin/sleep",
            with: Array(
                """
                #!/bin/sh
                cd '\(place.path)'
                echo >>count
                until [ tick -nt memory/.looked ]; do echo >tick; done
                \(minute)

                """.utf8),
            mode: 0o755)
        var command = Command(
            "/bin/sh", "-c",
            KubernetesOrder.waiting(
                in: container, memory: "\(place.path)/memory", lease: "\(place.path)/lease",
                processes: "\(place.path)/processes"))
        command.environment = ["PATH=\(place.path)/bin:/usr/bin:/bin"]
        command.timeout = 60
        let finished = try command.run()
        #expect(finished.succeeded)
        return try Files.readText("\(place.path)/count").utf8.count
    }

    static let containers = [KubernetesOrder.keeper, "session-1"]

    @Test(arguments: containers)
    func `it ends when nobody has come for so long`(container: String) throws {
        #expect(try Self.minutes(in: container, "exit 0") == KubernetesOrder.patience)
    }

    @Test func `each time that somebody renews a container's lease the keeper's begins anew`()
        throws
    {
        #expect(
            try Self.minutes("[ $(wc -l <count) -gt 20 ] || echo >lease/session-1/renewed")
                == 20 + KubernetesOrder.patience)
    }

    @Test func `the others go by what the keeper says, and not by one another`() throws {
        #expect(
            try Self.minutes(in: "session-1", "echo >lease/session-2/renewed")
                == KubernetesOrder.patience)
        #expect(
            try Self.minutes(
                in: "session-1", "[ $(wc -l <count) -gt 20 ] || echo >lease/keeper/renewed")
                == 20 + KubernetesOrder.patience)
    }

    @Test(arguments: containers)
    func `as long as somebody is connected it stays`(container: String) throws {
        #expect(
            try Self.minutes(
                in: container,
                "[ $(wc -l <count) -gt 25 ] && rm -f processes/7/comm || echo smelt-inside >processes/7/comm"
            )
                == 25 + KubernetesOrder.patience)
    }

    @Test(arguments: containers)
    func `what is kept stays`(container: String) throws {
        #expect(
            try Self.minutes(
                in: container,
                "if [ $(wc -l <count) -gt 40 ]; then rm -f lease/keeper/kept; else echo >lease/keeper/kept; fi"
            )
                == 40 + KubernetesOrder.patience)
    }

    @Test(arguments: containers)
    func `a minute that somebody cut short is none`(container: String) throws {
        #expect(
            try Self.minutes(in: container, "[ $(wc -l <count) -gt 30 ] || kill -9 $$") == 30
                + KubernetesOrder.patience)
    }
}
