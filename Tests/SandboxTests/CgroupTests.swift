import Records
import Smelt
import Testing

@testable import Sandbox

@Suite struct CgroupTests {
    static let all: Set<String> = ["cpu", "cpuset", "io", "memory", "pids"]

    private func lines(_ limits: Limits, _ controllers: Set<String> = all) -> [String] {
        limits.knobs(for: controllers).map { "\($0.file)=\($0.value)" }
    }

    @Test(arguments: [
        (Limits(cpu: 1.5), ["cpu.max=150000 100000"]),
        // The least that the kernel takes is a millisecond.
        (Limits(cpu: 0.001), ["cpu.max=1000 100000"]),
        (Limits(cpuWeight: 7, cpus: "0-1"), ["cpu.weight=7", "cpuset.cpus=0-1"]),
        (Limits(memoryBytes: 9), ["memory.max=9", "memory.oom.group=1", "memory.swap.max=0"]),
        (
            Limits(memoryBytes: 9, swapBytes: 5),
            ["memory.max=9", "memory.oom.group=1", "memory.swap.max=5"]
        ),
        (Limits(memoryHighBytes: 9), ["memory.high=9"]),
        // Our own first process is not taken from the command's.
        (Limits(processes: 4), ["pids.max=5"]),
        (Limits(ioWeight: 3), ["io.weight=default 3", "io.bfq.weight=3"]),
        (Limits(wallSeconds: 1, outputBytes: 1, idleSeconds: 1), []),
    ])
    func `a limit is a file of the group`(limits: Limits, files: [String]) {
        #expect(lines(limits) == files)
    }

    @Test func `traffic is bounded on every disk`() {
        let limits = Limits(ioReadBytesPerSecond: 5, ioWriteOperationsPerSecond: 6)
        #expect(lines(limits) == BlockDevices.disks.map { "io.max=\($0) rbps=5 wiops=6" })
        #expect(lines(limits, ["memory"]) == [])
    }

    @Test func `what is written later is known by the memory controller alone`() {
        let grouped = Limits(ioReadBytesPerSecond: 1, ioWriteBytesPerSecond: 1).grouped
        #expect(grouped.map(\.name) == ["io_read", "io_write"])
        #expect(grouped.map(\.controllers) == [["io"], ["io", "memory"]])
    }

    @Test func `what no limit needs is asked for by nobody`() throws {
        let enforcement = try Enforcement(Limits(wallSeconds: 1, processes: 5))
        #expect(enforcement.missing == [] && enforcement.place == nil)
    }

    @Test func `what is missing is left out of the limits and nothing else`() {
        var limits = Limits(cpu: 1, memoryBytes: 1, processes: 1, diskBytes: 1)
        limits = limits.without(["cpu", "disk"])
        #expect(limits == Limits(memoryBytes: 1, processes: 1))
        #expect(Limits(cpus: "1").without(Limits(cpus: "1").grouped.map(\.name)) == Limits())
    }

    @Test func `stacked disks do not count twice`() {
        let text = """
            8:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=0 dios=0
            254:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=0 dios=0
            8:16 rbytes=1 wbytes=2
            7:0
            """
        let bytes = Cgroup.bytes(inIO: text) { $0.hasPrefix("254:") }
        #expect(bytes.read == 101 && bytes.written == 22)
    }

    @Test(arguments: [
        (
            CgroupLack.olderVersion(["cpu", "memory"]),
            "this host has 'cpu', 'memory' in version 1 of the control groups",
            "boot with 'systemd.unified_cgroup_hierarchy=1' (or, without systemd, 'cgroup_no_v1=all')"
        ),
        (
            .controllerOff(["io"], group: "/g/user@1000.service", above: "/g"),
            "there is no 'io' in '/g/user@1000.service/cgroup.controllers'",
            "in a drop-in of user@.service: 'Delegate=cpu cpuset io memory pids'"
        ),
        (
            .controllerOff(["io", "cpu"], group: "/g/box", above: "/g"),
            "there is no 'io', 'cpu' in '/g/box/cgroup.controllers'",
            "as root: echo +io +cpu >'/g/cgroup.subtree_control'"
        ),
        (
            .controllerOff(["cpu"], group: "/g/system.slice/a.service", above: "/g"),
            "there is no 'cpu' in '/g/system.slice/a.service/cgroup.controllers'",
            "put 'Delegate=yes' into the unit 'a.service'"
        ),
        (
            .controllerOff(["cpu"], group: "/g/user@1.service/x", above: "/g/user@1.service"),
            "there is no 'cpu' in '/g/user@1.service/x/cgroup.controllers'",
            "in a drop-in of user@.service: 'Delegate=cpu cpuset io memory pids'"
        ),
        (
            .controllerOff(["io"], group: "/g", above: nil),
            "there is no 'io' in '/g/cgroup.controllers'",
            "the kernel must have it: see 'cgroup_disable' in /proc/cmdline"
        ),
        (
            .notWritable(group: "/g", isReadOnly: true, isRoot: true), "'/g' is mounted read-only",
            "run the container with a control group file system that it may write"
        ),
        (
            .notWritable(group: "/g", isReadOnly: false, isRoot: false),
            "this user may not make groups in '/g'",
            "begin with 'systemd-run --user --scope -p Delegate=yes', or name a group that may be used in SMELT_CGROUP"
        ),
        (
            .notWritable(group: "/g/system.slice/a.service", isReadOnly: false, isRoot: false),
            "this user may not make groups in '/g/system.slice/a.service'",
            "put 'Delegate=yes' into the unit 'a.service', or name a group that may be used in SMELT_CGROUP"
        ),
        (
            .busy(group: "/g/user.slice/user-1.slice/session-2.scope"),
            "the control group '/g/user.slice/user-1.slice/session-2.scope' has processes of its own",
            "begin with 'systemd-run --user --scope -p Delegate=yes', or name a group that may be used in SMELT_CGROUP"
        ),
        (
            .notWritable(group: "/sys/fs/cgroup", isReadOnly: false, isRoot: false),
            "this user may not make groups in '/sys/fs/cgroup'",
            "as root: chown USER '/sys/fs/cgroup' and in it cgroup.procs, cgroup.subtree_control and cgroup.threads"
        ),
        (
            .busy(group: "/sys/fs/cgroup"),
            "the control group '/sys/fs/cgroup' has processes of its own",
            "name a group that may be used in SMELT_CGROUP"
        ),
        (
            .noDisks, "there is no disk of this host's to bound",
            "what lies on the network is bounded there"
        ),
        (
            .notMounted, "there is no control group of version 2 to be seen",
            "boot with 'systemd.unified_cgroup_hierarchy=1' (or, without systemd, 'cgroup_no_v1=all')"
        ),
    ])
    func `what is lacking comes with what would change it`(
        lack: CgroupLack, reason: String, remedy: String
    ) {
        #expect(lack.reason == reason)
        #expect(lack.remedy == remedy)
    }

    @Test func `a limit that its group refuses is named with the file`() {
        let fault = SandboxFault.knob(limit: "memory", file: "/g/memory.max", number: 16)
        #expect(
            "\(fault)" == "could not limit 'memory' by '/g/memory.max': Device or resource busy")
        #expect(fault.exit == .unavailable)
        let none = SandboxFault.noGroup(path: "/g/x", number: 11)
        #expect(
            "\(none)" == "could not make the control group '/g/x': Resource temporarily unavailable"
        )
    }

    /// A sweep kills all that is in a group of its own kind.
    @Test(arguments: [
        ("smelt-01k00000000000000000000000", true),
        ("smelt-01k00000000000000000000000.0abcdefg", true),
        ("smelt-queue.service", false), ("smelt-queue.slice", false), ("smelt-", false),
        ("smelt-01k00000000000000000000000.scope", false),
        ("smelt-01k00000000000000000000000.ab.cdefg", false),
        ("smelt-01k0000000000000000000000", false), ("01k00000000000000000000000", false),
    ])
    func `a unit that is named after smelt is no group of a run`(name: String, isOfRun: Bool) {
        #expect(Cgroup.isOfRun(name) == isOfRun)
    }
}
