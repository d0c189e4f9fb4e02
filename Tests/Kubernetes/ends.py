#!/usr/bin/env python3
"""Each way in which a pod does not come to run, or runs no more, ends in its own sentence, and leaves nothing."""
from cluster import Cluster, check, failure, image, needed, of, until

needed()


def an_image_that_is_not_there():
    with Cluster() as world:
        records = world.records(world.job(image="registry.invalid/no/such:1", pull="missing"))
        found = failure(records)
        assert found["code"] == "image" and found["status"] == 69, found
        # The registry's words, or the resolver's, not the back-off's.
        assert "registry.invalid" in found["message"] and "Back-off" not in found["message"], found
        world.nothing_left()


def an_image_that_may_not_be_fetched():
    with Cluster() as world:
        found = failure(world.records(world.job(image="registry.invalid/no/such:1")))
        assert found["code"] == "image" and "pull policy of Never" in found["message"], found
        world.nothing_left()


def a_node_that_there_is_not():
    with Cluster() as world:
        records = world.records(world.job(kubernetes="start_timeout = '5s'\nnode_selector = { a = 'b' }"))
        found = failure(records)
        assert found["code"] == "not_started" and found["status"] == 75, found
        assert "nodes are available" in found["message"], found
        assert "waiting for the pod: 0/" in world.errors(), world.errors()
        world.nothing_left()


def a_quota_that_is_used_up():
    with Cluster() as world:
        world.make({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "0"}}})
        found = failure(world.records(world.job(kubernetes="start_timeout = '10s'")))
        assert found["code"] == "not_started" and "exceeded quota" in found["message"], found
        world.nothing_left()


def a_namespace_that_there_is_not():
    with Cluster() as world:
        manifest = world.job()
        manifest.write_text(manifest.read_text().replace(f"'{world.namespace}'", "'no-such-namespace'"))
        found = failure(world.records(manifest))
        assert found["code"] == "cluster_missing" and found["status"] == 66, found


def a_context_that_there_is_not():
    with Cluster() as world:
        found = failure(world.records(world.job(kubernetes="context = 'no-such-context'")))
        assert found["code"] == "cluster_config" and found["status"] == 78, found


def what_the_server_refuses():
    with Cluster() as world:
        found = failure(world.records(world.job(kubernetes="priority_class = 'no-such-class'\nstart_timeout = '10s'")))
        assert "no-such-class" in found["message"], found
        world.nothing_left()


def an_image_without_git():
    with Cluster() as world:
        found = failure(world.records(world.job(image="busybox:latest")))
        assert found["code"] == "image" and found["status"] == 69 and "'git'" in found["message"], found
        world.nothing_left()


def a_pod_that_is_removed():
    with Cluster() as world:
        def remove(log, pipe):
            until(log, '"text":"begun', pipe)
            world.kubectl("delete", "pod", "--all", "--grace-period=0", "--force")
        records = world.records(world.job("echo begun; sleep 1000"), meanwhile=remove)
        ends = of(records, "session.finished")
        assert ends and ends[0]["ending"] == "failed", records[-4:]
        assert ends[0]["reason"].endswith("the pod was removed by somebody else"), ends[0]
        world.nothing_left()


def a_pod_whose_time_is_over():
    """The cluster's own limit, here made shorter than the job's."""
    with Cluster() as world:
        def shorten(log, pipe):
            until(log, '"text":"begun', pipe)
            world.kubectl("patch", world.kubectl("get", "pods", "--output", "name").strip(), "--patch", '{"spec":{"activeDeadlineSeconds":1}}')
        records = world.records(world.job("echo begun; sleep 1000"), meanwhile=shorten)
        end = of(records, "session.finished")[0]
        assert end["ending"] == "failed" and end["reason"].endswith("the pod outlived the job's time and was ended by the cluster"), end
        world.nothing_left()


def a_node_that_is_lost():
    """The session that ran there has failed; what another had done before is the result."""
    with Cluster() as world:
        node = world.kubectl("get", "nodes", "--output", "jsonpath={.items[0].metadata.name}")
        second = "[[session]]\nname = 'two'\nspec = 'x'\nharness = 'echo begun; sleep 1000'\ntimeout = 300\ndepends_on = ['one']\n"
        def lose(log, pipe):
            until(log, '"text":"begun', pipe)
            world.kubectl("taint", "node", node, "lost=yes:NoExecute")
        try: records = world.records(world.job("echo work > work", more=second), meanwhile=lose)
        finally: world.kubectl("taint", "node", node, "lost-")
        ends = {r["session"]: r for r in of(records, "session.finished")}
        assert ends["one"]["ending"] == "succeeded" and ends["two"]["ending"] == "failed", ends
        assert "the pod's node was lost: " in ends["two"]["reason"], ends["two"]
        assert of(records, "result.collected")[0]["sessions"] == ["one"], records[-3:]
        world.nothing_left()


def a_disk_that_is_full():
    """The node measures every minute or so and takes the whole pod off."""
    with Cluster() as world:
        records = world.records(world.job(
            "head -c 20000000 /dev/zero > big; echo written; sleep 1000", more="[limits]\ndisk = '10M'\n"))
        end = of(records, "session.finished")[0]
        assert end["ending"] == "failed" and "exceeds the limit" in end["reason"], (end, world.errors())
        world.nothing_left()


check([an_image_that_is_not_there, an_image_that_may_not_be_fetched, a_node_that_there_is_not, a_quota_that_is_used_up,
       a_namespace_that_there_is_not, a_context_that_there_is_not, what_the_server_refuses, an_image_without_git,
       a_pod_that_is_removed, a_pod_whose_time_is_over, a_node_that_is_lost, a_disk_that_is_full])
