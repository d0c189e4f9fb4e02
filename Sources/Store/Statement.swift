internal import CSQLite

/// What goes into a statement or comes out of one.
enum Value: Equatable, Sendable {
    case null
    case number(Int64)
    case text(String)
    case bytes([UInt8])

    init(_ number: Int64?) { self = number.map(Value.number) ?? .null }
    init(_ text: String?) { self = text.map(Value.text) ?? .null }
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    init(integerLiteral number: Int64) { self = .number(number) }
    init(stringLiteral text: String) { self = .text(text) }
}

/// A prepared statement, used again and again: `begin`, `step` until it says false, `end`.
final class Statement {
    private let handle: OpaquePointer
    private unowned let database: Database

    init(_ handle: OpaquePointer, of database: Database) {
        self.handle = handle
        self.database = database
    }

    func begin(_ values: [Value]) throws(StoreFault) {
        // Also where somebody forgot to end the last use of it: the row would be an old one's.
        sqlite3_reset(handle)
        var index: Int32 = 0
        for value in values {
            index += 1
            try bind(value, at: index)
        }
    }

    /// Parameters count from 1.
    func bind(_ value: Value, at index: Int32) throws(StoreFault) {
        var code: Int32
        switch value {
        case .null: code = sqlite3_bind_null(handle, index)
        case .number(let number): code = sqlite3_bind_int64(handle, index, number)
        case .text(var text):
            code = text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    // An empty text may have no address, and no address would be NULL.
                    guard let start = $0.baseAddress else {
                        return csqlite_bind_text(handle, index, "", 0)
                    }
                    return csqlite_bind_text(handle, index, start, Int32($0.count))
                }
            }
        case .bytes(let bytes):
            code = bytes.withUnsafeBytes {
                csqlite_bind_blob(handle, index, $0.baseAddress, Int32($0.count))
            }
        }
        guard code == SQLITE_OK else { throw fault(code) }
    }

    /// The next row; false when there is none.
    func step() throws(StoreFault) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else {
            let fault = fault(code)
            end()
            throw fault
        }
        return false
    }

    /// Lets go of what the statement read, so that it holds up nobody.
    func end() {
        sqlite3_reset(handle)
    }

    func finalize() {
        sqlite3_finalize(handle)
    }

    private func fault(_ code: Int32) -> StoreFault {
        database.fault(code, sqlite3_sql(handle).map { String(cString: $0) } ?? "")
    }

    /// Columns count from 0.
    func number(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

    /// What a store has counted or timed is among these: to take one from another, or to add them, never overflows.
    static let sound: ClosedRange<Int64> = -(1 << 53)...1 << 53

    /// As `number`, for what is counted on or printed as a time: refuses what only a damaged file has.
    func sound(_ column: Int32) throws(StoreFault) -> Int64 {
        let number = number(column)
        guard Self.sound.contains(number) else {
            throw .damaged(database.path, what: "it has the number \(number)")
        }
        return number
    }

    func soundOptional(_ column: Int32) throws(StoreFault) -> Int64? {
        isNull(column) ? nil : try sound(column)
    }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
    func optional(_ column: Int32) -> Int64? { isNull(column) ? nil : number(column) }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(
            decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, column))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
