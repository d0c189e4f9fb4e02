internal import Glibc
internal import Smelt

/// Commands in the containers of a pod, and archives into them.
struct PodConnection {
    let kubectl: Kubectl
    let pod: String

    /// The whole command line of something in a container, with standard input.
    func words(_ command: [String], in container: String) -> [String] {
        kubectl.words(["exec", "--stdin", pod, "--container", container, "--"] + command)
    }

    /// What becomes a connection to a container as it was left, once what runs there has been ended.
    func again(in container: String) -> Command {
        Command(words(["/bin/sh", "-c", PodScript.again], in: container))
    }

    /// A repository of gigabytes over a slow line, seconds.
    private static let patience = 3600.0

    /// What goes into an archive: names beneath directories.
    typealias Parts = [(directory: String, names: [String])]

    /// Runs a script with an archive as its input; gives what it says.
    func send(_ parts: Parts, to container: String, script: String) throws -> PodScript.Answer {
        let pipe = try Descriptor.pipe()
        let reading = Descriptor(owning: pipe.reading)
        let writing = Descriptor(owning: pipe.writing)
        var packing = Command(
            ["tar", "--format=gnu", "-c", "-f", "-"]
                + parts.flatMap { ["-C", $0.directory] + $0.names })
        packing.output = .descriptor(writing.number)
        let archive = try packing.start()
        _ = consume writing
        var unpacking = Command(words(["/bin/sh", "-c", script], in: container))
        unpacking.input = .descriptor(reading.number)
        unpacking.output = .captured(limit: 4096)
        unpacking.timeout = Self.patience
        let finished = try unpacking.run()
        // Else the other side would wait for nobody.
        _ = consume reading
        let packed = archive.finish()
        // A status may be lost on its way; a word is there or not.
        guard let answer = PodScript.Answer(rawValue: finished.text.filter { $0 != "\n" }) else {
            throw KubernetesFault("bring files to the pod '\(pod)'", complaint: finished.errors)
        }
        guard answer != .done || packed == .exited(code: 0) else {
            throw RuntimeFault.notCopied(parts[0].directory, reason: "tar failed")
        }
        return answer
    }

    /// Runs a script and gives what it prints, at most a MiB.
    func run(_ script: String, in container: String, to action: String) throws -> [UInt8] {
        let ending = Array("\n\(PodScript.Answer.done)\n".utf8)
        let whole = "{ \(script)\n} && echo && echo \(PodScript.Answer.done)"
        var command = Command(words(["/bin/sh", "-c", whole], in: container))
        command.output = .captured(limit: 1 << 20)
        command.timeout = Kubectl.patience
        let finished = try command.run()
        guard finished.output.suffix(ending.count) == ending[...] else {
            throw KubernetesFault(action, complaint: finished.errors)
        }
        return finished.output.dropLast(ending.count)
    }
}

/// What is run in containers by a shell.
enum PodScript {
    /// The last word of a script that is given an archive.
    enum Answer: String {
        case done
        /// A program is not in the image.
        case noGit, noTar
        /// What was there before could not be removed.
        case notCleared
    }

    private static func unpack(into directory: String) -> String {
        "tar -x -f - -C \(directory) && echo \(Answer.done)"
    }

    /// Unpacks what all share.
    static let base = """
        command -v git >/dev/null || { echo \(Answer.noGit); exit; }
        command -v tar >/dev/null || { echo \(Answer.noTar); exit; }
        \(unpack(into: EnginePlace.base))
        """

    /// Ends what ran for the place that was here before and removes what it left. What a session did to the modes of its
    /// directories must not keep anybody from removing them.
    private static func clear(_ container: String) -> String {
        let places = [
            KubernetesOrder.work, "/tmp", "/dev/shm", EnginePlace.secrets, EnginePlace.memory,
            KubernetesOrder.lease(of: container),
        ]
        return """
            kill -9 -1 2>/dev/null
            for place in \(places.joined(separator: " ")); do
                cd $place || { echo \(Answer.notCleared); exit; }
                for left in * .[!.]* ..?*; do
                    [ -e "$left" ] || [ -h "$left" ] || continue
                    case $place/$left in \(EnginePlace.base) | \(EnginePlace.memory)/.looked) continue ;; esac
                    rm -rf "./$left" 2>/dev/null || { chmod -R u+rwx "./$left"; rm -rf "./$left"; } 2>/dev/null ||
                        { echo \(Answer.notCleared); exit; }
                done
            done
            cd /

            """
    }

    /// Makes room and unpacks a place's parcel.
    static func place(in container: String) -> String {
        clear(container) + unpack(into: KubernetesOrder.work)
    }

    /// Makes room and brings what a session has left in its container, which was killed.
    static func left(of container: String) -> String {
        clear(KubernetesOrder.rescue) + """
            cd \(KubernetesOrder.left(of: container)) || exit 1
            for part in workspace home start; do [ -e $part ] && set -- "$@" $part; done
            [ $# -gt 0 ] && tar -c -f - "$@" | tar -x -f - -C \(KubernetesOrder.work)
            """
    }

    /// Ends what runs there and becomes the connection.
    static let again = "kill -9 -1 2>/dev/null; exec \(EnginePlace.program)"

    /// The variables of the image, as the kernel has them.
    static let variables = "cat /proc/1/environ"

    static let keep = "echo >\(KubernetesOrder.lease(of: KubernetesOrder.keeper))/kept"
}
