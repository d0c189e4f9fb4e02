internal import CChild
internal import Glibc
internal import Smelt

/// Users and groups of the host that nobody is, for a command that changes between users: the caller's by subuid(5) and
/// subgid(5), which newuidmap(1) and newgidmap(1) map for him; root's from `$SMELT_SUBUIDS`. Inside they are 0 to 999 and
/// those behind 1000, who stays the command. Being one of them, 0 too, gives no privilege: capabilities do not come with
/// a user, and set-user-id bits count for nothing.
struct SubordinateIDs {
    private let users: ClosedRange<UInt32>
    private let groups: ClosedRange<UInt32>
    /// Nil for root, who maps them himself.
    private let mappers: (user: String, group: String)?

    private static let mappers = (user: "/usr/bin/newuidmap", group: "/usr/bin/newgidmap")

    /// Nil where a plan wants none; a fault where it does and there are none.
    init?(_ plan: Plan) throws(SandboxFault) {
        guard plan.mapsUsers else { return nil }
        try self.init(beside: plan.hostUser)
    }

    private init(beside hostUser: UInt32?) throws(SandboxFault) {
        if let hostUser {
            guard let text = Environment.nonEmpty("SMELT_SUBUIDS") else {
                throw .noSubordinates("SMELT_SUBUIDS names none")
            }
            guard let ids = HostUsers(text)?.range else {
                throw .badUsers("SMELT_SUBUIDS", text)
            }
            guard !ids.overlaps(try HostUsers.configured().range), !ids.contains(hostUser) else {
                throw .noSubordinates("'\(text)' are not only for that")
            }
            (users, groups, mappers) = (ids, ids, nil)
            return
        }
        for path in [Self.mappers.user, Self.mappers.group] where access(path, X_OK) != 0 {
            throw .noSubordinates("there is no '\(path)'")
        }
        users = try Self.ids(in: "/etc/subuid")
        groups = try Self.ids(in: "/etc/subgid")
        mappers = Self.mappers
    }

    /// The first range that a file gives to the caller, by name or number.
    private static func ids(in file: String) throws(SandboxFault) -> ClosedRange<UInt32> {
        let caller = String(geteuid())
        let text = (try? Files.readText(file, upTo: 1 << 20)) ?? ""
        var names: Set = [caller]
        let people = (try? Files.readText("/etc/passwd", upTo: 1 << 20)) ?? ""
        for line in people.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, fields[2] == caller { names.insert(String(fields[0])) }
        }
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":")
            guard fields.count == 3, names.contains(String(fields[0])),
                let first = UInt32(fields[1]), let count = UInt32(fields[2]), count > 0,
                first > 0, first < UInt32.max - count
            else { continue }
            return first...first + (count - 1)
        }
        throw .noSubordinates("'\(file)' has none of user \(caller)")
    }

    /// As many as there are, from 0 on and around our own.
    static func ranges(_ ids: ClosedRange<UInt32>) -> [child_range] {
        let count = UInt32(ids.count)
        let below = min(count, Plan.user)
        let first = child_range(inside: 0, outside: ids.lowerBound, count: below)
        guard count > below else { return [first] }
        return [
            first,
            child_range(
                inside: Plan.user + 1, outside: ids.lowerBound + below, count: count - below),
        ]
    }

    func set(in child: inout child, _ arena: Arena) throws(SandboxFault) {
        let (users, groups) = (Self.ranges(users), Self.ranges(groups))
        child.users = UnsafePointer(arena.array(users))
        child.user_count = users.count
        child.groups = UnsafePointer(arena.array(groups))
        child.group_count = groups.count
        guard let mappers else { return }
        child.user_mapper = try arena.text(mappers.user)
        child.group_mapper = try arena.text(mappers.group)
    }

    var lines: [String] {
        [("users", users), ("groups", groups)].map { what, ids in
            "\(ids.count) more \(what), on the host \(ids.lowerBound)-\(ids.upperBound)"
        }
    }

    static var finding: Finding {
        let name = "more users inside"
        do {
            let alone = geteuid() == 0 ? try HostUsers.configured().alone : nil
            let ids = try SubordinateIDs(beside: alone)
            return Finding(name, true, ids.lines.joined(separator: "; "))
        } catch {
            return Finding(name, false, "\(error)", remedy: error.hint)
        }
    }
}
