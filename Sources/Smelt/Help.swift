/// The texts that a command's table makes.
enum Help {
    /// `usage: …`, a line for each form.
    static func usage(of tool: Tool, _ forms: [Verb]) -> String {
        forms.enumerated().map { index, form in
            (index == 0 ? "usage: " : "       ") + line(of: tool, form) + "\n"
        }.joined()
    }

    static func page(of tool: Tool, verb: Verb?) -> String {
        let forms = verb.map { [$0] } ?? tool.verbs
        var text = usage(of: tool, forms) + "\n"
        text += (verb?.summary ?? tool.summary) + "\n"
        for form in forms {
            if forms.count > 1 {
                text += "\n\(form.name.isEmpty ? tool.name : form.name): \(form.summary)\n"
            } else if !form.options.isEmpty {
                text += "\n"
            }
            text += rows(form.options)
        }
        return text + "\nThe manual is \(tool.name)(1).\n"
    }

    /// The table for programs: form, option, short form, argument and help, separated by tabs.
    static func table(of tool: Tool) -> String {
        tool.verbs.map { form in
            "\(form.name)\t\t\t\(form.operands)\t\(form.summary)\n"
                + form.options.map {
                    "\(form.name)\t--\($0.name)\t\($0.short.map { "-\($0)" } ?? "")"
                        + "\t\($0.placeholder)\t\($0.help)\n"
                }.joined()
        }.joined()
    }

    private static func line(of tool: Tool, _ form: Verb) -> String {
        var words = [tool.name]
        if !form.name.isEmpty { words.append(form.name) }
        words += form.options.map {
            "[--\($0.name)\($0.placeholder.isEmpty ? "" : " \($0.placeholder)")]"
        }
        if !form.operands.isEmpty { words.append(form.operands) }
        return words.joined(separator: " ")
    }

    private static func rows(_ options: [any Declared]) -> String {
        let rows = options.map { option in
            let short = option.short.map { "-\($0), " } ?? "    "
            let argument = option.placeholder.isEmpty ? "" : " \(option.placeholder)"
            return ("  \(short)--\(option.name)\(argument)", option.help)
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { left, right in
            left + String(repeating: " ", count: width - left.count + 2) + right + "\n"
        }.joined()
    }
}
