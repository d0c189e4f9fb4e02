/// The whole job with every default filled in: what `run.planned` carries.
package struct Job: Codable, Equatable, Sendable {
    package var name: String
    /// An absolute path, or a URL that git takes.
    package var repository: String
    package var baseRef: String
    package var environment: JobEnvironment
    package var agent: Agent?
    package var sessions: [Session]
    package var limits: Limits
    package var network: Network
    package var workspace: Workspace
    package var sandbox: JobSandbox?
    package var credentials: Credentials?
    package var commit: CommitStyle
    package var merge: Merge
    package var review: ReviewRules
    /// Patterns of paths whose change makes the review mandatory, beside the built-in ones.
    package var protect: [String]
    package var forge: ForgeTarget?
    package var kubernetes: KubernetesTarget?
    package var services: [JSONValue]?
    package var stateBackend: JSONValue?
    package var notify: [JSONValue]?

    package init(
        name: String, repository: String, baseRef: String, environment: JobEnvironment,
        agent: Agent? = nil, sessions: [Session], limits: Limits = Limits(),
        network: Network = Network(), workspace: Workspace = Workspace(),
        sandbox: JobSandbox? = nil,
        credentials: Credentials? = nil, commit: CommitStyle = CommitStyle(), merge: Merge,
        review: ReviewRules = ReviewRules(), protect: [String] = [], forge: ForgeTarget? = nil,
        kubernetes: KubernetesTarget? = nil, services: [JSONValue]? = nil,
        stateBackend: JSONValue? = nil, notify: [JSONValue]? = nil
    ) {
        self.name = name
        self.repository = repository
        self.baseRef = baseRef
        self.environment = environment
        self.agent = agent
        self.sessions = sessions
        self.limits = limits
        self.network = network
        self.workspace = workspace
        self.sandbox = sandbox
        self.credentials = credentials
        self.commit = commit
        self.merge = merge
        self.review = review
        self.protect = protect
        self.forge = forge
        self.kubernetes = kubernetes
        self.services = services
        self.stateBackend = stateBackend
        self.notify = notify
    }
}

/// Where the sessions run.
package struct JobEnvironment: Codable, Equatable, Sendable {
    package enum Runtime: String, Codable, Sendable, CaseIterable {
        case sandbox, docker, compose, kubernetes
    }

    /// When an engine gets the image from its registry.
    package enum Pull: String, Codable, Sendable, CaseIterable {
        /// When it has none of that name.
        case missing
        case always, never
    }

    package var runtime: Runtime
    package var image: String?
    /// Nil is `missing`.
    package var pull: Pull?
    /// For the runtime `compose`; nil for others.
    package var compose: Compose?

    package init(
        runtime: Runtime, image: String? = nil, pull: Pull? = nil, compose: Compose? = nil
    ) {
        self.runtime = runtime
        self.image = image
        self.pull = pull
        self.compose = compose
    }

    /// What compose is told beside the services.
    package struct Compose: Codable, Equatable, Sendable {
        /// The user's own files, absolute; later ones go over earlier ones.
        package var files: [String]
        /// What relative paths of services start from.
        package var directory: String
        /// How long the services may take until they are ready.
        package var startSeconds: Double

        package init(files: [String] = [], directory: String, startSeconds: Double = 120) {
            self.files = files
            self.directory = directory
            self.startSeconds = startSeconds
        }
    }
}

/// Host variables whose values a session's agent gets; values are looked up when it starts.
package struct Credentials: Codable, Equatable, Sendable {
    package var provider: String?
    package var model: String?
    /// Name inside to name of the variable on the host.
    package var env: [String: String]
    /// The same for files in `/run/secrets`; absent when there are none.
    package var files: [String: String]?

    package init(
        provider: String? = nil, model: String? = nil, env: [String: String] = [:],
        files: [String: String]? = nil
    ) {
        self.provider = provider
        self.model = model
        self.env = env
        self.files = files
    }

    /// The variables on the host that hold secrets.
    package var variables: Set<String> { Set(env.values).union((files ?? [:]).values) }
}

/// What a session may reach.
package struct Network: Codable, Equatable, Sendable {
    package enum Mode: String, Codable, Sendable, CaseIterable { case none, host, allow }

    package var mode: Mode
    /// Rules as people write them; see `NetworkRule`.
    package var allow: [String]
    /// Services whose secrets stay outside.
    package var broker: [Broker]?
    /// Who is asked for addresses, each `address` or `address:port`, instead of the host's own.
    package var resolvers: [String]?
    /// What may pass in both directions together.
    package var trafficBytes: Int?

    package init(
        mode: Mode = .none, allow: [String] = [], broker: [Broker]? = nil,
        resolvers: [String]? = nil, trafficBytes: Int? = nil
    ) {
        self.mode = mode
        self.allow = allow
        self.broker = broker
        self.resolvers = resolvers
        self.trafficBytes = trafficBytes
    }
}

/// What is brought into a session's file system besides the checkout.
package struct Workspace: Codable, Equatable, Sendable {
    /// A file or directory of the host and where it appears inside.
    package struct Share: Codable, Equatable, Sendable {
        /// Absolute, on the host.
        package var source: String
        /// Absolute inside; `~/` stands for the private home, anything else relative is beneath
        /// the workspace.
        package var target: String

        package init(source: String, target: String) {
            self.source = source
            self.target = target
        }
    }

    /// A shell command run in each fresh workspace before the agent.
    package var setup: String?
    package var copy: [Share]
    /// Mounted read-only.
    package var mounts: [Share]

    package init(setup: String? = nil, copy: [Share] = [], mounts: [Share] = []) {
        self.setup = setup
        self.copy = copy
        self.mounts = mounts
    }
}

/// The walls around a session's programs; what is absent is as in every sandbox.
package struct JobSandbox: Codable, Equatable, Sendable {
    /// Which system calls they may make: a profile's name, or a whole policy as a plan of smelt-exec(1) has it.
    package var seccomp: JSONValue?
    /// `available`, `required` or `none`.
    package var landlock: String?

    package init(seccomp: JSONValue? = nil, landlock: String? = nil) {
        self.seccomp = seccomp
        self.landlock = landlock
    }
}

/// How the commits that smelt makes look.
package struct CommitStyle: Codable, Equatable, Sendable {
    package var name: String
    package var email: String
    package var signoff: Bool
    /// `Key: value` lines for the end of each message.
    package var trailers: [String]

    package init(
        name: String = "smelt", email: String = "smelt@localhost", signoff: Bool = false,
        trailers: [String] = []
    ) {
        self.name = name
        self.email = email
        self.signoff = signoff
        self.trailers = trailers
    }
}
