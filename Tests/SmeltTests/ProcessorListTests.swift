import Testing

@testable import Smelt

@Suite struct ProcessorListTests {
    @Test(
        arguments: [
            ("0", [0]), ("0-3,6", [0, 1, 2, 3, 6]), ("5,1,1-2", [1, 2, 5]), ("8191", [8191]),
        ] as [(String, Set<Int>)])
    func `a list has numbers and ranges`(text: String, numbers: Set<Int>) {
        #expect(ProcessorList.parse(text) == numbers)
    }

    @Test(arguments: [
        "", ",", "1,", "-", "1-", "-1", "3-1", "1-2-3", " 1", "a", "8192", "+1", "0x1",
    ])
    func `anything else is none`(text: String) {
        #expect(ProcessorList.parse(text) == nil)
    }
}
