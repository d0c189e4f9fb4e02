package import Records

/// Which name each address inside stands for. An address is given once and keeps its name for as long as the sandbox
/// lives, so that nothing inside can be led elsewhere by an old answer.
package struct NameTable {
    private var names: [String] = []
    private var numbers: [String: Int] = [:]

    /// More names than this are not given addresses.
    package static let most = 16_384

    package init() {}

    /// From 127.100.0.1 on; nil when there are too many.
    package mutating func address(of name: String) -> NetworkAddress? {
        let number: Int
        if let known = numbers[name] {
            number = known
        } else {
            guard names.count < Self.most else { return nil }
            number = names.count
            names.append(name)
            numbers[name] = number
        }
        return NetworkAddress(bytes: [
            127, 100, UInt8(truncatingIfNeeded: (number + 1) >> 8),
            UInt8(truncatingIfNeeded: number + 1),
        ])
    }

    package func name(of address: NetworkAddress) -> String? {
        guard address.bytes.starts(with: [127, 100]), !address.isLong else { return nil }
        let number = Int(address.bytes[2]) << 8 + Int(address.bytes[3]) - 1
        return names.indices.contains(number) ? names[number] : nil
    }
}
