import Smelt
import Testing

struct QuantityTests {
    @Test(arguments: [
        ("90", 90.0), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("2d", 172_800),
        ("500ms", 0.5), ("0", 0),
    ])
    func `durations are read as people write them`(text: String, seconds: Double) {
        #expect(Quantity.seconds(text) == seconds)
    }

    @Test(arguments: ["", "s", "-1", "1x", "30m1h", "1h1h", "soon", "1e3", "0x10", "inf", "nan"])
    func `anything else is no duration`(text: String) {
        #expect(Quantity.seconds(text) == nil)
    }

    @Test(arguments: [
        ("512M", 512 << 20), ("4GiB", 4 << 30), ("4GB", 4 << 30), ("1.5k", 1536),
        ("100000", 100_000),
        ("7b", 7),
    ])
    func `sizes are powers of 1,024`(text: String, bytes: Int) {
        #expect(Quantity.bytes(text) == bytes)
    }

    @Test(arguments: ["", "G", "4X", "-1", "4 G", "4iG", "99999999999999999999"])
    func `anything else is no size`(text: String) {
        #expect(Quantity.bytes(text) == nil)
    }
}
