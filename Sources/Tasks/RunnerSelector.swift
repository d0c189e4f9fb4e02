/// Which runners may take a task, by their labels; all requirements must hold.
package struct RunnerSelector: Equatable, Sendable {
    package enum Operator: String, Sendable, CaseIterable {
        case isIn = "In"
        case isNotIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"

        var takesValues: Bool { self == .isIn || self == .isNotIn }
    }

    package struct Requirement: Equatable, Sendable {
        package var key: String
        package var word: Operator
        package var values: [String]

        package init(key: String, word: Operator, values: [String] = []) {
            self.key = key
            self.word = word
            self.values = values
        }

        func holds(for labels: [String: String]) -> Bool {
            let value = labels[key]
            return switch word {
            case .isIn: value.map(values.contains) ?? false
            case .isNotIn: !(value.map(values.contains) ?? false)
            case .exists: value != nil
            case .doesNotExist: value == nil
            }
        }
    }

    package var labels: [String: String]
    package var requirements: [Requirement]

    package init(labels: [String: String] = [:], requirements: [Requirement] = []) {
        self.labels = labels
        self.requirements = requirements
    }

    package func matches(_ runner: [String: String]) -> Bool {
        labels.allSatisfy { runner[$0.key] == $0.value }
            && requirements.allSatisfy { $0.holds(for: runner) }
    }
}
