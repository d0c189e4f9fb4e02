import CEgress
import Testing

@testable import Egress

@Suite struct ServeFaultTests {
    /// Who would be told so of another step would look in the wrong place.
    @Test(arguments: [
        (EGRESS_STEP_NAMESPACES, "user namespaces must be allowed"),
        (EGRESS_STEP_MAP, "user namespaces must be allowed"),
        (EGRESS_STEP_ROOT, "user namespaces must be allowed"),
        (EGRESS_STEP_USER, nil), (EGRESS_STEP_PRIVILEGES, nil), (EGRESS_STEP_LIMITS, nil),
        (EGRESS_STEP_LANDLOCK, nil),
        (EGRESS_STEP_FILTER, "the kernel must have CONFIG_SECCOMP_FILTER"),
    ])
    func `of its own confinement only the steps that need user namespaces ask for them`(
        step: egress_step, hint: String?
    ) {
        let fault = ServeFault.notConfined(step: step, number: 1)
        #expect(hint.map { fault.hint?.hasPrefix($0) == true } ?? (fault.hint == nil))
        #expect(fault.description.hasSuffix(" for itself: Operation not permitted"))
    }
}
