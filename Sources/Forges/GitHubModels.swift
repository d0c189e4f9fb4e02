/// The members of GitHub's answers that we look at.
enum GitHubModels {
    struct Repository: Decodable {
        let defaultBranch: String
        enum CodingKeys: String, CodingKey { case defaultBranch = "default_branch" }
    }

    struct Pull: Decodable {
        struct End: Decodable {
            struct Home: Decodable {
                let fullName: String
                enum CodingKeys: String, CodingKey { case fullName = "full_name" }
            }
            let ref: String
            let sha: String
            let repo: Home?
        }
        let number: Int
        let url: String
        let node: String
        let state: String
        let draft: Bool?
        let merged: Bool?
        let body: String?
        let head: End
        let base: End
        enum CodingKeys: String, CodingKey {
            case number, url = "html_url", node = "node_id", state, draft, merged, body, head, base
        }
    }

    struct NewPull: Encodable {
        let title: String
        let head: String
        let base: String
        let body: String
        let draft: Bool
    }

    struct PullChange: Encodable {
        let body: String
    }

    struct Labels: Encodable {
        let labels: [String]
    }

    struct Reviewers: Encodable {
        let reviewers: [String]
        let teams: [String]
        enum CodingKeys: String, CodingKey { case reviewers, teams = "team_reviewers" }
    }

    struct Query: Encodable {
        let query: String
        let variables: [String: String]
    }

    struct QueryAnswer: Decodable {
        struct Problem: Decodable { let message: String }
        let errors: [Problem]?
    }

    struct CheckRuns: Decodable {
        struct Run: Decodable {
            let name: String
            let status: String
            let conclusion: String?
        }
        let runs: [Run]
        enum CodingKeys: String, CodingKey { case runs = "check_runs" }
    }

    struct Statuses: Decodable {
        struct Status: Decodable {
            let context: String
            let state: String
        }
        let statuses: [Status]
    }

    struct Review: Decodable {
        struct User: Decodable { let login: String }
        let user: User?
        let state: String
    }
}
