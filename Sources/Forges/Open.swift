package import Records
internal import Smelt

extension ForgeTarget {
    /// The forge itself, its token read now. `patience` is how many seconds a busy one may keep us.
    package func opened(
        patience: Double, fence: @escaping Fence = {}
    ) throws -> any Forge {
        switch provider {
        case .local: LocalForge(repository, fence: fence)
        case .github: try GitHub(self, patience: patience, fence: fence)
        }
    }
}

extension ForgeTarget {
    /// The repository and the number in a request's URL, `https://HOST/OWNER/REPO/pull/N`; nil for any
    /// other text. An enterprise's API is taken to be at `/api/v3` unless `api` says otherwise.
    package static func github(
        url: String, tokenEnv: String, api: String?
    ) -> (ForgeTarget, number: Int)? {
        guard let address = Address(url) else { return nil }
        let parts = address.path.split(separator: "/")
        guard parts.count == 4, parts[2] == "pull", let number = Int(parts[3]) else { return nil }
        let usual =
            address.host == "github.com" ? "https://api.github.com" : "\(address.origin)/api/v3"
        return (
            ForgeTarget(
                provider: .github, repository: "\(parts[0])/\(parts[1])", tokenEnv: tokenEnv,
                apiURL: api ?? usual), number
        )
    }
}
