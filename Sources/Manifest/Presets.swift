internal import Records

/// Command lines of agents that smelt knows, as their makers document them for use without a
/// person. Each is told not to ask: what it may touch is decided by the sandbox around it.
enum Presets {
    static let names = ["claude", "codex", "gemini", "opencode", "aider", "assay"]

    static func agent(_ name: String, model: String?) -> Agent {
        func choose(_ option: String) -> [String] { model.map { [option, $0] } ?? [] }
        switch name {
        case "claude":
            // It refuses to work unasked as root unless it is told that it is confined.
            return Agent(
                preset: name,
                command: [
                    "env", "IS_SANDBOX=1", "claude", "--print", "--dangerously-skip-permissions",
                    "--output-format", "stream-json", "--verbose",
                ] + choose("--model"))
        case "codex":
            return Agent(
                preset: name,
                command: [
                    "codex", "exec", "--dangerously-bypass-approvals-and-sandbox",
                    "--skip-git-repo-check", "--json",
                ] + choose("--model") + ["-"])
        case "gemini":
            return Agent(
                preset: name,
                command: [
                    "env", "GEMINI_CLI_TRUST_WORKSPACE=true", "gemini", "--approval-mode=yolo",
                    "--output-format", "stream-json",
                ] + choose("--model"))
        case "opencode":
            return Agent(
                preset: name,
                command: [
                    "env", "OPENCODE_PERMISSION={\"*\":\"allow\"}", "opencode", "run", "--format",
                    "json",
                ] + choose("--model") + ["--", "{prompt}"],
                prompt: .argument)
        case "aider":
            return Agent(
                preset: name,
                command: [
                    "aider", "--yes-always", "--no-check-update", "--no-show-release-notes",
                    "--no-analytics", "--no-gitignore", "--message-file", "{spec_file}",
                ] + choose("--model"),
                prompt: .file)
        default:
            return Agent(
                preset: name, command: ["sh", "-c", assay, "assay", model ?? ""], prompt: .file)
        }
    }

    /// What Assay wants to find, made from the task; its own branch is then taken over. The gate
    /// is smelt's, so Assay's only criterion always holds. Worktrees lie inside the workspace.
    private static let assay = #"""
        set -eu
        text() { sed 's/\\/\\\\/g; s/"/\\"/g' "$SMELT_SPEC_FILE"; printf '\n'; }
        mkdir -p .assay/specs
        printf '/.assay/\n/.mcp.json\n/.claude/\n' >> .git/info/exclude
        [ -e .assay/config.toml ] || printf 'project_name = "smelt"\n' > .assay/config.toml
        { printf 'name = "task"\ndescription = """\n'; text; printf '"""\n'
          printf '[[criteria]]\nname = "harness"\n'
          printf 'description = "checked afterwards"\ncmd = "true"\n'
        } > .assay/specs/task.toml
        { printf '[[sessions]]\nspec = "task"\nname = "task"\nprompt = """\n'; text
          printf '"""\n'
          [ -z "$1" ] || printf '[sessions.settings]\nmodel = "%s"\n' "$1"
        } > .assay/run.toml
        base=$(git rev-parse --abbrev-ref HEAD)
        ASSAY_WORKTREE_DIR=$PWD/.assay/worktrees; export ASSAY_WORKTREE_DIR
        status=0; assay run .assay/run.toml --base-branch "$base" || status=$?
        if [ -d .assay/worktrees/task ]; then
          cd .assay/worktrees/task
          git add --all
          git diff --cached --quiet || git commit -qm "assay: work on the task"
          cd ../../..; git merge -q --ff-only assay/task
        fi
        exit "$status"
        """#
}
