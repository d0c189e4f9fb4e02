import Glibc
import Records
import Runtimes
import Smelt

/// `documents`: what a cluster would be asked with for the run that the input plans. Nothing is made.
struct Documents {
    func run() throws -> Exit {
        let nowhere = try Descriptor(opening: "/dev/null", O_WRONLY)
        let stage = Stage("provision", wants: [RunPlanned.type], output: nowhere.number)
        defer { withExtendedLifetime(nowhere.number) {} }
        while let line = try stage.next() {
            guard line.type == RunPlanned.type, let run = stage.run else { continue }
            try put(Kubernetes().documents(for: line.decode(RunPlanned.self).job, run: run))
            return .done
        }
        stage.expect(RunPlanned.type)
        return stage.exit
    }
}
