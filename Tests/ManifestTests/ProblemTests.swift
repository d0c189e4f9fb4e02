import Testing

@testable import Manifest

struct ProblemTests {
    static func broker(_ more: String, upstream: String = "https://api.example") -> String {
        let variables = more.contains("variables") ? "" : "variables=['A_URL']\n"
        return "[[network.broker]]\nname='n'\nupstream='\(upstream)'\n\(variables)\(more)"
    }

    @Test(arguments: [
        ("[environment]\nimage='i'\nruntime='sandbox'", "environment.image has no use"),
        ("[environment]\nruntime='docker'", "environment.image is missing"),
        ("[environment]\nruntime='dokcer'", "did you mean 'docker'?"),
        ("[environment]\nresources={gpu='1'}", "[environment.resources] has no key 'gpu'"),
        (
            "[environment]\nresources={cpu='1'}\n[limits]\ncpu=2",
            "environment.resources.cpu is also in [limits]"
        ),
        ("[environment]\nruntime='kubernetes'\nimage='i'", "kubernetes is missing"),
        ("[kubernetes]\nnamespace='n'\nssh_key_env='K'", "kubernetes has no use"),
        ("[[services]]\nname='a'\nimage='b'", "services have no use"),
        (
            "[environment]\ncompose_file='job.toml'",
            "environment.compose_file has no use with the runtime sandbox"
        ),
        (
            "[environment]\nstart_timeout=5",
            "environment.start_timeout has no use with the runtime sandbox"
        ),
        ("[environment]\nruntime='compose'\nimage='i'\ncompose_file=1", "must be text or a list"),
        (
            "[environment]\nruntime='compose'\nimage='i'\ncompose_file=['/no/such']",
            "environment.compose_file[0]: there is no '/no/such'"
        ),
        (
            "[environment]\nruntime='compose'\nimage='i'\n[[services]]\nname='a b'\nimage='b'",
            "services[0].name 'a b' cannot be a service"
        ),
        (
            "[environment]\nruntime='compose'\nimage='i'\n[[services]]\nname='a'\nimage='b'\nx=inf",
            "services[0].x holds an infinite number"
        ),
        ("[agent]", "agent names nobody"), ("[agent]\ncommand=[]", "agent.command is empty"),
        ("[agent]\ncommand=['a', 1]", "agent.command[1] must be text, not 1"),
        ("[agent]\ncommand=['{model}']", "agent.command[0] wants a model"),
        ("[agent]\npreset='claude'\nprompt='file'", "agent.preset already says"),
        ("[credentials]\nenv={A='sk-123456789'}", "must be the name of a variable"),
        ("[credentials]\nenv={'A-B'='X'}", "'A-B' cannot be a variable"),
        ("[credentials]\nenv={SMELT_RUN='X'}", "'SMELT_RUN' is set by smelt"),
        ("[credentials]\nfiles={A='sk-123456789'}", "must be the name of a variable"),
        ("[credentials]\nfiles={'../a'='X'}", "'../a' cannot be a file"),
        ("[credentials]\nenv={A='X'}\nfiles={A='Y'}", "'A' is a variable already"),
        ("[limits]\ncpu=0", "limits.cpu must be a number from 0.01 to 4096"),
        ("[limits]\nmemory='4X'", "limits.memory must be bytes"),
        ("[limits]\ncpu_weight=0", "limits.cpu_weight must be a whole number from 1 to 10000"),
        ("[limits]\nio_weight=10001", "limits.io_weight must be a whole number from 1 to 10000"),
        (
            "[limits]\ncpus='3-1'",
            "limits.cpus must be a list such as \"0-3,6\", not '3-1'"
        ),
        ("[limits]\nprocesses=0", "limits.processes must be a whole number from 1"),
        ("[limits]\nmax_parallel=1.5", "limits.max_parallel must be a whole number"),
        ("[limits]\nwall='400d'", "limits.wall must be from 0.001 s to 365 days"),
        ("[limits]\nidle=-1", "limits.idle must be more than 0 seconds"),
        ("[network]\nmode='allow'", "network.allow is missing"),
        ("[network]\nmode='host'\nallow=['x']", "network.allow has no use"),
        ("[network]\nallow=['http://x']", "'http://x' is no host"),
        ("[network]\nallow=['x:99999']", "'x:99999' is no host"),
        ("[network]\nallow=['']", "network.allow[0] is empty"),
        ("[network]\nmode='allow'\nallow=[1]", "network.allow[0] must be text"),
        ("[environment]\nruntime='x'\n[kubernetes]\nnamespace='n'\nssh_key_env='K'", "must be one"),
        ("[network]\nallow=['x/../y']", "'x/../y' is no host"),
        ("[network]\nmode='host'\ntraffic='1G'", "network.traffic has no use"),
        ("[network]\nallow=['x']\nresolvers=['ns.example']", "'ns.example' is no address"),
        (broker(""), "secret_env is missing"),
        (broker("secret_env='A B'"), "must be the name of a variable"),
        (broker("secret_env='A'\nsecret_file='b'"), "and secret_env are both there"),
        (broker("secret_file='b'", upstream: "api.example"), "is no https:// or http:// URL"),
        (broker("secret_file='b'\nheader='Host'"), "cannot carry a secret"),
        (broker("secret_file='b'\nscheme='a b'"), "is no word such as Bearer"),
        (broker("secret_file='b'\npaths=['v1']"), "is no path"),
        (broker("secret_file='b'\nvariables=['1']"), "cannot be a variable"),
        (
            broker("secret_file='b'") + "\n" + broker("secret_file='b'"),
            "network.broker[1].name 'n' is taken"
        ),
        ("[workspace]\ncopy=['a:b:c']", "workspace.copy[0] must be"),
        ("[workspace]\nmounts=['/x:../y']", "cannot be its place inside"),
        ("[workspace]\nmounts=['/x:/proc/y']", "nothing can be placed in '/proc'"),
        ("[commit]\nname='a<b'", "commit.name must hold no"),
        ("[commit]\ntrailers=['x']", "commit.trailers[0] must be one line"),
        ("[protect]\npaths=['/x']", "protect.paths[0] is matched"),
        ("[review]\nreviewers=[]", "review.reviewers has no name"),
        ("[review]\nreviewers=['uid:x']", "must be a login name"),
        ("[review]\nreviewers=['a','a']\ncount=2", "review.count is 2, of 1 reviewers"),
        ("[review]\nowner='a'", "review.owner_after is missing"),
        ("[review]\nowner_after='1h'", "review.owner is missing"),
        ("[[review.auto_accept]]\npaths=[]", "auto_accept[0].paths has no pattern"),
        ("[[review.auto_accept]]\npaths=['/x']", "auto_accept[0].paths[0] is matched"),
        ("[forge]\nprovider='github'\nrepo='o'\ntoken_env='T'", "forge.repo must be owner/repo"),
        ("[forge]\nprovider='github'\nrepo='o/r'", "forge.token_env is missing"),
        ("[forge]\nprovider='gitlab'\nrepo='o/r'", "forge.provider must be one of github, local"),
        (
            "[forge]\nprovider='github'\nrepo='o/r'\ntoken_env='T'\napi_url='http://x'",
            "forge.api_url must begin with https://"
        ),
        (
            "[forge]\nprovider='github'\nrepo='o/r'\ntoken_env='T'\napi_url='http://localhost.x'",
            "forge.api_url must begin with https://"
        ),
        (
            "[forge]\nprovider='local'\nrepo='r'\npush_url='https://u:p@x/y'",
            "forge.push_url holds a user or password"
        ),
        ("[review]\nrequired='yes'", "review.required must be true or false, not 'yes'"),
        ("[notify]\nx=1", "must be an array of tables"),
        ("[[notify]]\ntarget_job=\"a\\u0000\"", "holds a null character"),
        ("[state_backend]\nx=inf", "state_backend holds an infinite number"),
    ])
    func `this is one problem`(more: String, sentence: String) {
        let problems = ReaderTests.problems(more)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(sentence) == true, "\(problems)")
    }

    @Test(arguments: [
        (
            "[job]\nrepo='.'\nbase_ref='m'\n[review]\nexpires=0\n[protect]\npaths=['/x']",
            ["job.name", "merge is", "protect.paths[0]", "review.expires", "session is"]
        ),
        (
            "[forge]\nprovider='gitlab'\nrepo='r'\napi_url='http://x'\ntoken_env='a-b'\npush_url='-x'",
            [
                "forge.api_url", "forge.provider", "forge.push_url must not", "forge.token_env",
                "job is", "merge is", "session is",
            ]
        ),
        (
            "[[services]]\nname='a'\n[kubernetes]\ncontext='c'\n[[notify]]",
            [
                "job is", "kubernetes has no use", "kubernetes.namespace", "merge is",
                "notify[0].target_job", "services have no use", "services[0].image", "session is",
            ]
        ),
        (
            Self.session("s", "depends_on=[1,'t']\nenv={'A-B'='x', C=1}"),
            [
                "job is", "merge is", "session[0].depends_on[0] must be text",
                "session[0].depends_on[1]: there is no session 't'", "session[0].env.A-B",
                "session[0].env.C must be text",
            ]
        ),
    ])
    func `these are found in one go`(file: String, starts: [String]) {
        let problems = ReaderTests.problems(whole: file).sorted()
        #expect(problems.count == starts.count, "\(problems)")
        for (problem, start) in zip(problems, starts) { #expect(problem.hasPrefix(start)) }
    }

    @Test(arguments: [
        ("version = 2", "version must be 1, not 2"), ("state_backend = 1", "text or a table"),
        ("session = []", "session is empty"), ("job = 1", "job must be a table, not 1"),
    ])
    func `this is a problem at the top`(first: String, sentence: String) {
        let rest = first.hasPrefix("session") ? ReaderTests.head : ReaderTests.session
        let head = first.hasPrefix("job") || first.hasPrefix("session") ? "" : ReaderTests.head
        let problems = ReaderTests.problems(
            whole: first + "\n" + head + rest + ReaderTests.merge)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(sentence) == true, "\(problems)")
    }

    @Test(arguments: [
        ("name='a/b'", "as in 'a-b'"), ("name='..'", "cannot be a directory and a branch"),
        ("name='-x'", "as in 'x'"), ("name='x.lock'", "as in 'x-lock'"),
        ("name='Ä'", "letters, digits"), ("name=' '", "is empty"),
        ("repo='https://token@x/y'", "holds a user or password"), ("repo='-x'", "must not begin"),
        ("base_ref='--all'", "is no branch"), ("base_ref='a b'", "is no branch"),
    ])
    func `this is no job`(key: String, sentence: String) {
        var lines = ["name='j'", "repo='.'", "base_ref='main'"]
        let name = key.prefix { $0 != "=" }
        lines = lines.map { $0.hasPrefix(name + "=") ? key : $0 }
        let problems = ReaderTests.problems(
            whole: "[job]\n" + lines.joined(separator: "\n") + "\n" + ReaderTests.session
                + ReaderTests.merge)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(sentence) == true, "\(problems)")
    }

    static func session(_ name: String, _ more: String) -> String {
        "[[session]]\nname='\(name)'\nspec=''\nharness='x'\ntimeout=1\n\(more)\n"
    }

    @Test(arguments: [
        (session("S", ""), "session[1].name 'S' differs from 's' only in case"),
        (session("a b", "depends_on=['s']"), "as in 'a-b'"),
        (session("a", "depends_on=['a']"), "'a' waits for itself"),
        (session("a", "depends_on=['b']"), "there is no session 'b'"),
        (session("a", "depends_on=['s','s']"), "'s' is named twice"),
        (
            session("a", "depends_on=['b']") + session("b", "depends_on=['a']"),
            "sessions wait for each other: a → b → a"
        ),
        (session("a", "working_directory='/x'"), "must stay in the workspace"),
        (session("a", "working_directory='x/../..'"), "must stay in the workspace"),
        (session("a", "env={SMELT_BASE='x'}"), "is set by smelt"),
        (
            "[[session]]\nname='a'\nspec='x'\nharness=' '\ntimeout=1\n",
            "session[1].harness is empty and there is no agent"
        ),
        (session("a", "env={A=1}"), "session[1].env.A must be text, not 1"),
        (
            session("a", "credentials=['KYE']")
                + "[credentials.files]\nKEY='SMELT_TEST_NOT_SET'\n",
            "there is no credential 'KYE'; did you mean 'KEY'?"
        ),
    ])
    func `this is no session`(more: String, sentence: String) {
        let problems = ReaderTests.problems(
            whole: ReaderTests.head + ReaderTests.session + more + ReaderTests.merge)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(sentence) == true, "\(problems)")
    }

    @Test func `a chain of thousands of sessions is no trouble, nor is a ring of them`() {
        let chain = (0..<5000).map { index in
            Self.session("s\(index)", index == 0 ? "" : "depends_on=['s\(index - 1)']")
        }
        let text = ReaderTests.head + chain.joined() + ReaderTests.merge
        #expect(ReaderTests.problems(whole: text) == [])
        let ring = chain.dropFirst().joined() + Self.session("s0", "depends_on=['s4999']")
        let problems = ReaderTests.problems(whole: ReaderTests.head + ring + ReaderTests.merge)
        #expect(problems.count == 1)
    }
}
