#!/usr/bin/env python3
"""The server itself takes the documents: kubectl create --dry-run=server."""
import subprocess
from cluster import Cluster, check, needed

needed()


def the_server_takes_the_documents():
    for more, kubernetes in (("", ""), (
            "[limits]\ncpu = 1.5\nmemory = '1G'\ndisk = '2G'\n",
            "service_account = 'runner'\ncpu_request = '250m'\nimage_pull_secrets = ['registry']\nuser = 1000\n"
            "tolerations = [{ key = 'gpu', operator = 'Exists', effect = 'NoSchedule' }]\n"
            "labels = { 'kueue.x-k8s.io/queue-name' = 'agents' }\nannotations = { 'example.com/a' = 'b c' }\n"
            "node_selector = { 'kubernetes.io/hostname' = 'n' }\n")):
        with Cluster() as world:
            planned = world.planned(world.job(more=more, kubernetes=kubernetes))
            documents = subprocess.run(["smelt-provision", "documents"], input=planned, env=world.environment, check=True,
                                       capture_output=True).stdout.decode()
            said = world.kubectl("create", "--dry-run=server", "--output", "name", "-f", "-", input=documents)
            assert len(said.split()) == 2, said


check([the_server_takes_the_documents])
