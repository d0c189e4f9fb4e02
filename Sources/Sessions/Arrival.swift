/// A session's work on its way from its workspace to its gate.
enum Arrival {
    /// Seconds that getting the work out may take, on top of the session's time: as many as a rescue has, so that what the
    /// one can read the other can.
    static let patience = 600.0

    /// Largest bundle that is taken, bytes: what `smelt-collect` admits at all, and something for
    /// the packing.
    static let largest = (1 << 30) + (64 << 20)

    /// Where the bundle lies in the gate's sandbox.
    static let bundle = "/run/smelt/session.bundle"
    /// The same where the gate is on an engine, beneath its workspace.
    static let bundleOnEngine = ".git/smelt.bundle"

    /// Brings the commit into a fresh workspace. `$1` branch, `$2` the bundle. The bundle is an agent's and what happens
    /// here happens in the sandbox.
    static let script = """
        git fetch -q --no-tags "$2" "+refs/heads/$1:refs/smelt/gate" \
        && git checkout -q -f --detach refs/smelt/gate
        """
}
