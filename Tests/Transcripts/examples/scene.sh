# shellcheck shell=sh
# What bin-scripts/demo makes, in the directory of a test.
git init -q project
git -C project commit -q --allow-empty -m 'Begin'
git clone -q --bare project forge.git
cp -r "$TOP/examples/." .
