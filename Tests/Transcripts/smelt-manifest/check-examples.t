# Every other example is good, without a word when its variables are set.
export ANTHROPIC_API_KEY=0123456789 OPENAI_API_KEY=0123456789 GEMINI_API_KEY=0123456789
export GITHUB_TOKEN=0123456789 SMELT_SSH_KEY=0123456789
cd "$TOP/examples"
for file in *.toml agents/*.toml; do
    case $file in bad-manifest.toml) continue ;; esac
    smelt-manifest check "$file" || echo "$file: $?"
done
>>>2
job-manifest.toml:52:17: warning: merge.ai_resolution has no effect: a conflict is reported, never guessed away
---
# Unset variables are warnings.
cd "$TOP/examples" && unset GITHUB_TOKEN ANTHROPIC_API_KEY; smelt-manifest check job-manifest-forge.toml
>>>2
job-manifest-forge.toml:25:21: warning: credentials.env.ANTHROPIC_API_KEY: the variable 'ANTHROPIC_API_KEY' is not set: export it
job-manifest-forge.toml:50:13: warning: forge.token_env: the variable 'GITHUB_TOKEN' is not set: export it
