extension SessionStarted {
    package func object() -> [UInt8] {
        var members = JSONMembers()
        members.add("attempt", attempt)
        members.add("branch", branch)
        members.add("commit", commit)
        members.add("session", session)
        members.add("workspace", workspace)
        return members.object
    }
}

extension SessionFinished {
    package func object() throws -> [UInt8] {
        var members = JSONMembers()
        members.add("attempt", attempt)
        members.add("because", because)
        members.add("branch", branch)
        members.add("commit", commit)
        members.add("committedForAgent", committedForAgent)
        members.add("ending", ending.rawValue)
        members.add("exitStatus", exitStatus.map(Int.init))
        members.add("reason", reason)
        members.add("session", session)
        members.add("signal", signal.map(Int.init))
        members.add("usage", try usage?.members())
        return members.object
    }
}

extension Usage {
    fileprivate func members() throws(NotFinite) -> JSONMembers {
        var members = JSONMembers()
        try members.add("cost", cost)
        members.add("inputTokens", inputTokens)
        members.add("oomKills", oomKills)
        members.add("outputTokens", outputTokens)
        members.add("peakMemoryBytes", peakMemoryBytes)
        members.add("peakSwapBytes", peakSwapBytes)
        members.add("processes", processes)
        members.add("readBytes", readBytes)
        try members.add("systemSeconds", systemSeconds)
        try members.add("throttledSeconds", throttledSeconds)
        try members.add("userSeconds", userSeconds)
        try members.add("wallSeconds", wallSeconds)
        members.add("writtenBytes", writtenBytes)
        return members
    }
}
