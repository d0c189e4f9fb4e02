internal import Smelt

/// What `smelt-manifest init` writes: a manifest that can be run as it is.
package enum Template {
    package static let usualName = "job-manifest.toml"

    /// Writes it; a file that is there stays as it is.
    package static func write(to path: String) throws(ManifestFault) {
        do throws(SystemFault) {
            try Files.replace(path, with: Array(text.utf8), mode: 0o644, exclusive: true)
        } catch {
            throw Files.exists(path) ? .exists(path) : .unwritable(error)
        }
    }

    static let text = """
        # A job for smelt; smelt-manifest(5) explains every key.
        #
        #   smelt-manifest check FILE      find what is wrong
        #   smelt run --dry-run FILE       show what would be done
        #   smelt run FILE                 do it

        [job]
        name = "my-job"
        repo = "."                        # relative to this file, or a URL
        base_ref = "main"                 # branch, tag or commit to start from

        [environment]
        runtime = "sandbox"               # or docker, compose, kubernetes
        # image = "ubuntu:22.04"          # for every runtime but sandbox

        # Who works. Without an agent a session's harness is the work itself.
        # [agent]
        # preset = "claude"               # or codex, gemini, opencode, aider, assay
        # command = ["my-agent", "--model", "{model}"]
        # prompt = "stdin"                # or argument, file

        # [credentials]
        # provider = "anthropic"
        # model = "claude-sonnet-4-20250514"
        # [credentials.env]               # name inside = variable on this machine
        # ANTHROPIC_API_KEY = "ANTHROPIC_API_KEY"
        # [credentials.files]             # file in /run/secrets = variable on this machine
        # npm-token = "NPM_TOKEN"

        # [network]                       # off unless it is opened
        # allow = ["api.anthropic.com:443"]

        # [limits]
        # cpu = 2
        # memory = "4G"

        [[session]]
        name = "implement"
        spec = "Say in words what is to be done."
        harness = "git diff --check HEAD" # decides whether the work is good
        timeout = "10m"
        # depends_on = ["another-session"]

        [merge]
        strategy = "sequential"           # or overlap, octopus
        order = ["implement"]
        target = "smelt/my-job"           # the branch that the result is for

        # [forge]                         # where the pull request goes
        # provider = "github"
        # repo = "owner/repo"
        # token_env = "GITHUB_TOKEN"

        """
}
