# A value that is too short to be masked is refused, and not shown.
cd "$TOP/examples" && ANTHROPIC_API_KEY=1234567 smelt-manifest check agents/claude.toml
>>>2
agents/claude.toml:16:21: credentials.env.ANTHROPIC_API_KEY: the value of 'ANTHROPIC_API_KEY' is shorter than 8 bytes: masking it would mask everything, use a real secret
>>>= 65
