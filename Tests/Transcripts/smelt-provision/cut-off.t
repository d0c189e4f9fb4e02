# An input that ends before the plan.
smelt-provision </dev/null | jq -c '.code, .status'
smelt-provision release </dev/null | jq -c '.code, .status'
>>>
"cut_off"
65
"cut_off"
65
>>>2
smelt-provision: the input ended before 'run.planned' came
smelt-provision: the input ended before 'environment.ready' came
