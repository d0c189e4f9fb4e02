import Records
import Smelt
import Testing

@testable import Manifest

struct PresetTests {
    @Test(arguments: Presets.names)
    func `every preset is told the model`(name: String) {
        let agent = Presets.agent(name, model: "the-model")
        #expect(agent.command.contains("the-model"))
        #expect(agent.preset == name)
        #expect(Presets.agent(name, model: nil).command.contains("the-model") == false)
    }

    @Test(arguments: Presets.names)
    func `the task has a way in`(name: String) {
        let agent = Presets.agent(name, model: nil)
        switch agent.prompt {
        case .stdin: #expect(!agent.command.contains { $0.contains("{prompt}") })
        case .argument: #expect(agent.command.contains("{prompt}"))
        case .file:
            let text = agent.command.joined(separator: " ")
            #expect(text.contains("{spec_file}") || text.contains("$SMELT_SPEC_FILE"))
        }
    }

    /// With a stand-in that reads what it is given and works in a worktree of its own, as Assay does.
    @Test func `assay gets the task and the model, and its branch is taken over`() throws {
        let script = """
            set -eu
            dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
            mkdir bin repo
            cat > bin/assay <<'END'
            #!/bin/sh
            set -eu
            [ "$1 $2 $3 $4" = "run .assay/run.toml --base-branch work" ]
            python3 - <<'PY'
            import tomllib
            task = tomllib.load(open('.assay/specs/task.toml', 'rb'))
            run = tomllib.load(open('.assay/run.toml', 'rb'))['sessions'][0]
            spec = open('../spec').read()
            assert task['description'] == spec + '\\n' == run['prompt'], (task, run)
            assert run['settings']['model'] == 'the-model' and run['spec'] == task['name']
            PY
            git worktree add -q -b assay/task "$ASSAY_WORKTREE_DIR/task" work
            cd "$ASSAY_WORKTREE_DIR/task"; echo made > made.txt
            exit "${1:+0}"
            END
            chmod +x bin/assay
            printf '%s' 'Say "\"""hello" \\ and '"'''"' $x `y`
            next line é' > spec
            cd repo
            export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@x \\
                GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@x
            git init -q -b work; git commit -q --allow-empty -m base
            SMELT_SPEC_FILE=$dir/spec PATH=$dir/bin:$PATH sh -c "$1" assay the-model >&2
            git log --format=%s work; git show work:made.txt; git status --porcelain
            """
        let agent = Presets.agent("assay", model: "the-model")
        let finished = try Command("sh", "-c", script, "sh", agent.command[2]).run()
        #expect(finished.errors == "")
        #expect(finished.text == "assay: work on the task\nbase\nmade\n")
    }
}
