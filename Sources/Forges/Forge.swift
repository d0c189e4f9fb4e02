package import Records
internal import Smelt

/// Where pull requests are.
package protocol Forge {
    /// The word in records.
    var name: String { get }
    /// Where the branch goes.
    var remote: Remote { get }
    /// Whether the forge and what is needed to use it are there; called before anything is moved.
    func check() throws
    /// Opens a request for the branch, which was pushed, or brings the open one up to date. `opened`
    /// is called as soon as it exists, for what follows may still fail. Gives sentences about what
    /// could not be had, such as a label.
    func deliver(_ change: Change, opened: (Opened) throws -> Void) throws -> [String]
    /// How request `number` stands now.
    func status(of number: Int) throws -> PullRequestStatus
}

/// A request that exists.
package struct Opened: Equatable, Sendable {
    package let number: Int
    package let url: String
    package let base: String
    package let draft: Bool
    package let isNew: Bool
}
