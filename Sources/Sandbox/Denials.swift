internal import CChild
internal import CSeccomp
internal import Glibc
internal import Smelt

/// What a command was refused, counted. The kernel holds a refused call until it is answered here, always with the
/// errno that the filter has for it, never with leave to go on; where nobody answers, the call fails all the same.
/// So whoever disturbs this, or floods it, gains nothing but a shorter report.
package final class Denials {
    /// Readable when a call waits for its answer; -1 when none will come.
    package private(set) var descriptor: Int32 = -1
    /// What was tried, such as `mount` or `socket AF_VSOCK`, in the order in which it was first tried.
    package private(set) var all: [(what: String, count: Int)] = []

    private var program = SeccompProgram([])
    private var answered = 0
    private var ends: (ours: Int32, childs: Int32) = (-1, -1)

    /// So many are answered; then the kernel does that alone, with ENOSYS, so that a command cannot keep us at work.
    package static let most = 100_000
    /// Calls at a time, so that the caller's loop goes on.
    private static let atOnce = 16

    package init() {}

    deinit {
        end()
        closeChildsEnd()
        if ends.ours >= 0 { close(ends.ours) }
    }

    // MARK: the start of the command, by `Launch`

    /// The way of the listener of a filter with this program; the result is the child's end.
    func open(for program: SeccompProgram) throws(SandboxFault) -> Int32 {
        self.program = program
        ends = try Terminal.sockets(for: .filter)
        return ends.childs
    }

    /// Once the child has it, so that its end is seen here.
    func closeChildsEnd() {
        if ends.childs >= 0 { close(ends.childs) }
        ends.childs = -1
    }

    /// Takes the listener. Where none comes, since somebody listens to smelt itself, the kernel refuses alone.
    func receive() {
        guard ends.ours >= 0 else { return }
        descriptor = child_receive(ends.ours)
        close(ends.ours)
        ends.ours = -1
    }

    // MARK: its calls

    /// Answers what waits; to be called when the descriptor is readable or has hung up, and never waits.
    package func answer() {
        var request: UnsafeMutablePointer<seccomp_notif>?
        var response: UnsafeMutablePointer<seccomp_notif_resp>?
        guard descriptor >= 0, seccomp_notify_alloc(&request, &response) == 0, let request,
            let response
        else { return end() }
        defer { seccomp_notify_free(request, response) }
        for _ in 0..<Self.atOnce {
            var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&state, 1, 0) > 0 else { return }
            guard state.revents & Int16(POLLIN) != 0 else { return end() }

            request.pointee = seccomp_notif()
            // Who made it may have been killed meanwhile.
            guard seccomp_notify_receive(descriptor, request) == 0 else { continue }
            let call = SeccompProgram.Call(request.pointee.data)
            response.pointee = seccomp_notif_resp()
            response.pointee.id = request.pointee.id
            response.pointee.error = -errno(for: call)
            _ = seccomp_notify_respond(descriptor, response)
            note(DeniedCall.name(call))
            answered += 1
            if answered == Self.most { return end() }
        }
    }

    /// Whether there were more than were answered here.
    package var isCutOff: Bool { answered == Self.most }

    private func errno(for call: SeccompProgram.Call) -> Int32 {
        if case .refused(let errno) = program.answer(to: call) { errno } else { EPERM }
    }

    private func note(_ what: String) {
        if let index = all.firstIndex(where: { $0.what == what }) {
            all[index].count += 1
        } else {
            all.append((what, 1))
        }
    }

    private func end() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}

extension SeccompProgram.Call {
    init(_ data: seccomp_data) {
        let arguments = data.args
        self.init(
            number: data.nr, architecture: data.arch,
            arguments: [
                arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5,
            ])
    }
}

/// A refused call in words that there are only so many of.
enum DeniedCall {
    static func name(_ call: SeccompProgram.Call) -> String {
        let name = SeccompRules.name(call.number) ?? "\(call.number)"
        return detail(name, call.arguments).map { "\(name) \($0)" } ?? name
    }

    private static func detail(_ name: String, _ arguments: [UInt64]) -> String? {
        let first = arguments[0] & 0xffff_ffff
        switch name {
        case "socket", "socketpair":
            return SeccompNames.families.first { $0.value == first }?.name
        case "ioctl":
            let request = arguments[1] & 0xffff_ffff
            return SeccompNames.requests.first { $0.value == request }?.name
        case "clone", "unshare":
            // The lowest eight bits of clone's flags are a signal.
            let flags = name == "clone" ? first & ~0xff : first
            let names = SeccompNames.namespaces.filter { flags & $0.value != 0 }.map(\.name)
            return names.isEmpty ? nil : names.joined(separator: "|")
        default: return nil
        }
    }
}
