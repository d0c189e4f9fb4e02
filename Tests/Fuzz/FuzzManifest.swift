import Glibc
import Manifest
import Records
import Smelt
import Toml

/// Whatever the bytes are, the answer is a job or problems; a job has a plan that can be read back.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = Array(UnsafeBufferPointer(start: start, count: count))
    let file = SourceFile(name: "f", path: "/f", directory: "/", text: text)
    do throws(ManifestFault) {
        let manifest = try Manifest(file)
        let planned = RunPlanned(
            job: manifest.job, manifest: manifest.source, runsDirectory: "/r", smeltVersion: "0")
        do {
            let line = try RecordJSON.line(planned, run: .unknown)
            precondition(line.withUnsafeBytes { LineScan($0) } != nil, "the plan is no record")
            let read = try RecordJSON.decode(RunPlanned.self, from: line)
            precondition(read.job.name == manifest.job.name, "the plan reads otherwise")
        } catch { preconditionFailure("the plan cannot be written or read: \(error)") }
        precondition(!manifest.description().isEmpty, "nothing to show")
    } catch {
        guard case .invalid(_, let problems) = error else {
            preconditionFailure("not a problem of the text: \(error)")
        }
        precondition(!problems.isEmpty, "refused without a reason")
    }
    return 0
}
