internal import CSQLite
internal import Smelt

/// One connection to an SQLite file, for one thread. Statements are prepared once and kept; values go in and come out by
/// their types; what fails is a `StoreFault`.
final class Database {
    let path: String
    private let handle: OpaquePointer
    /// By where the text of the statement lies, which is a literal and so stays.
    private var statements: [UnsafeRawPointer: Statement] = [:]
    private(set) var isInTransaction = false
    /// Longer than this many pages the log is moved into the file before something is written; 0 is never.
    var longestLog: Int32 = 0

    /// How long others are waited for, in milliseconds.
    static let patience: Int32 = 30_000

    enum Mode {
        /// The file must be there.
        case existing
        case reading
        /// Made where there is none, for files that get another name when they are done.
        case making
        case memory
    }

    /// Opens the file, without a look into it.
    init(
        _ path: String, _ mode: Mode, patience: Int32 = Database.patience
    ) throws(StoreFault) {
        self.path = path
        var flags = SQLITE_OPEN_NOMUTEX
        switch mode {
        case .existing: flags |= SQLITE_OPEN_READWRITE
        case .reading: flags |= SQLITE_OPEN_READONLY
        case .making: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .memory: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY
        }
        var opened: OpaquePointer?
        let code = csqlite_open(path, flags, &opened)
        guard code == SQLITE_OK, let opened else {
            let fault = StoreFault(code, opened, path: path, call: "open")
            sqlite3_close_v2(opened)
            throw fault
        }
        handle = opened
        csqlite_wait(handle, patience)
    }

    deinit {
        for statement in statements.values { statement.finalize() }
        sqlite3_close_v2(handle)
    }

    /// The first hundred bytes of the file, zeros where it is shorter; no lock is taken and no file made beside it.
    func head() throws(StoreFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 100)
        let code = csqlite_peek(handle, &bytes, 100)
        guard code == SQLITE_OK || code == csqlite_short_read else { throw fault(code, "peek") }
        return bytes
    }

    /// After how many pages in the log of writes a commit moves them into the file; 0 is never.
    func checkpoint(every pages: Int32) throws(StoreFault) {
        sqlite3_wal_autocheckpoint(handle, pages)
        if pages > 0 { try cutLog() }
    }

    /// From now on a log that became longer than that, by one who wrote much at once, is cut when it is begun anew.
    private func cutLog() throws(StoreFault) {
        try execute("PRAGMA journal_size_limit = \(8 << 20)")
    }

    /// How many rows the last statement changed.
    var changed: Int { Int(sqlite3_changes(handle)) }

    /// Changes whenever anybody has committed; compared, never counted.
    var version: UInt32 { csqlite_version(handle) }

    /// For SQLite's own functions that want the connection.
    var pointer: OpaquePointer { handle }

    func fault(_ code: Int32, _ call: String) -> StoreFault {
        StoreFault(code, handle, path: path, call: call)
    }

    /// The statement, ready for its values.
    func prepare(_ text: StaticString) throws(StoreFault) -> Statement {
        let key = UnsafeRawPointer(text.utf8Start)
        if let kept = statements[key] { return kept }
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        // What is used once may lie in the small pieces of memory that are at hand.
        let statement = try compile(bytes, lasting: longestLog == 0)
        statements[key] = statement
        return statement
    }

    private func compile(
        _ text: UnsafeBufferPointer<UInt8>, lasting: Bool
    ) throws(StoreFault) -> Statement {
        var made: OpaquePointer?
        let code = text.withMemoryRebound(to: CChar.self) {
            sqlite3_prepare_v3(
                handle, $0.baseAddress, Int32($0.count),
                lasting ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0, &made, nil)
        }
        let call = String(decoding: text, as: UTF8.self)
        guard code == SQLITE_OK, let made else { throw fault(code, call) }
        return Statement(made, of: self)
    }

    /// Runs a statement that answers nothing.
    func run(_ text: StaticString, _ values: Value...) throws(StoreFault) {
        let statement = try prepare(text)
        try statement.begin(values)
        defer { statement.end() }
        while try statement.step() {}
    }

    /// What `read` makes of the first row; nil where there is none.
    func first<T>(
        _ text: StaticString, _ values: Value..., read: (Statement) throws(StoreFault) -> T
    ) throws(StoreFault) -> T? {
        let statement = try prepare(text)
        try statement.begin(values)
        defer { statement.end() }
        return try statement.step() ? try read(statement) : nil
    }

    /// What `read` makes of every row. Nothing may be written while it runs: see `rows` of SQLite's manual.
    func all<T>(
        _ text: StaticString, _ values: Value..., read: (Statement) throws(StoreFault) -> T
    ) throws(StoreFault) -> [T] {
        let statement = try prepare(text)
        try statement.begin(values)
        defer { statement.end() }
        var rows: [T] = []
        while try statement.step() { rows.append(try read(statement)) }
        return rows
    }

    /// Whether there is such a row.
    func has(_ text: StaticString, _ values: Value...) throws(StoreFault) -> Bool {
        let statement = try prepare(text)
        try statement.begin(values)
        defer { statement.end() }
        return try statement.step()
    }

    /// The first column of the first row, a number that is `sound`.
    func number(_ text: StaticString, _ values: Value...) throws(StoreFault) -> Int64? {
        let statement = try prepare(text)
        try statement.begin(values)
        defer { statement.end() }
        return try statement.step() ? try statement.soundOptional(0) : nil
    }

    /// Runs statements that are not kept, one after the other.
    func execute(_ script: String) throws(StoreFault) {
        let code = sqlite3_exec(handle, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw fault(code, script) }
    }

    /// Rows of a text made at run time, which is not kept; `values` are bound in order.
    func query<T>(
        _ text: String, _ values: [Value], read: (Statement) throws(StoreFault) -> T
    ) throws(StoreFault) -> [T] {
        var made: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, text, -1, 0, &made, nil)
        guard code == SQLITE_OK, let made else { throw fault(code, text) }
        let statement = Statement(made, of: self)
        defer { statement.finalize() }
        try statement.begin(values)
        var rows: [T] = []
        while try statement.step() { rows.append(try read(statement)) }
        return rows
    }

    /// All that `body` does, or nothing of it: nobody else writes from its first line on, and with its return it is on the
    /// disk. Within another it is part of that.
    func write<T>(_ body: () throws(StoreFault) -> T) throws(StoreFault) -> T {
        if isInTransaction { return try body() }
        if longestLog > 0, csqlite_log_has(handle, longestLog) != 0 {
            csqlite_move_log(handle)
            try cutLog()
        }
        try run("BEGIN IMMEDIATE")
        return try finish(body)
    }

    /// What `body` reads is of one moment.
    func read<T>(_ body: () throws(StoreFault) -> T) throws(StoreFault) -> T {
        if isInTransaction { return try body() }
        try run("BEGIN")
        return try finish(body)
    }

    private func finish<T>(_ body: () throws(StoreFault) -> T) throws(StoreFault) -> T {
        isInTransaction = true
        defer { isInTransaction = false }
        do throws(StoreFault) {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // SQLite has rolled back by itself where it could not write.
            if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }
}
