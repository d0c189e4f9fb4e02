#!/usr/bin/env python3
"""An account that has what examples/kubernetes/rbac.yaml gives it, and nothing else, is enough for everything."""
import json, os, pathlib, subprocess
from cluster import Cluster, check, needed, of, sh, stages, top

needed()


def become(world):
    """From now on kubectl is used as the account of the example."""
    world.kubectl("apply", "-f", str(top / "examples" / "kubernetes" / "rbac.yaml"))
    token = world.kubectl("create", "token", "smelt").strip()
    view = json.loads(sh("kubectl", "config", "view", "--minify", "--raw", "--flatten", "--output", "json"))
    view["users"] = [{"name": view["contexts"][0]["context"]["user"], "user": {"token": token}}]
    path = world.home / "kubeconfig"
    path.write_text(json.dumps(view))
    world.environment["KUBECONFIG"] = str(path)


def the_account_is_enough_for_a_run():
    with Cluster() as world:
        become(world)
        denied = subprocess.run(["kubectl", "--namespace", world.namespace, "get", "secrets"], env=world.environment,
                                capture_output=True, text=True)
        assert "Forbidden" in denied.stderr, "the account may do more than it should"
        records = world.records(world.job("echo done > file"), statuses=[0, 0, 0, 0])
        assert of(records, "session.finished")[0]["ending"] == "succeeded", records
        world.nothing_left()


def the_account_is_enough_to_clear_away():
    with Cluster() as world:
        become(world)
        with open(world.home / "ready", "wb") as file:
            subprocess.run(["smelt-provision"], input=world.planned(world.job()), stdout=file, env=world.environment, check=True)
        assert len(world.kubectl("get", "jobs", "--output", "name").split()) == 1
        environment = next((world.state / "environments").glob("smelt-*"))
        # As if somebody had removed it: what is on the cluster is found by its labels.
        sh("rm", "-rf", str(environment))
        world.sh("smelt-provision", "gc")
        world.nothing_left()


def an_account_without_rights_is_told_so():
    with Cluster() as world:
        become(world)
        world.kubectl("delete", "rolebinding", "smelt")
        found = of(world.records(world.job()), "failed")[0]
        assert found["code"] == "cluster_refused" and found["status"] == 77 and "Forbidden" in found["message"], found


def what_is_somebody_elses_stays():
    with Cluster() as world, Cluster() as other:
        other.namespace, own = world.namespace, other.namespace
        with open(world.home / "ready", "wb") as file:
            subprocess.run(["smelt-provision"], input=world.planned(world.job()), stdout=file, env=world.environment, check=True)
        other.records(other.job(), statuses=[0, 0, 0, 0])
        other.sh("smelt-provision", "gc")
        assert len(world.kubectl("get", "jobs", "--output", "name").split()) == 1
        world.sh("smelt-provision", "gc")
        world.nothing_left()
        other.namespace = own


def what_is_there_already_and_somebody_elses_stays():
    """A run of the same id from another state directory: its job is neither taken over nor removed."""
    with Cluster() as world, Cluster() as other:
        planned = world.planned(world.job())
        with open(world.home / "ready", "wb") as file:
            subprocess.run(["smelt-provision"], input=planned, stdout=file, env=world.environment, check=True)
        before = world.kubectl("get", "jobs,networkpolicies", "--output", "jsonpath={.items[*].metadata.uid}")
        done = subprocess.run(["smelt-provision"], input=planned, env=other.environment, capture_output=True)
        assert done.returncode == 69 and b'"code":"cluster_taken"' in done.stdout, done
        assert world.kubectl("get", "jobs,networkpolicies", "--output", "jsonpath={.items[*].metadata.uid}") == before
        world.sh("smelt-provision", "gc")
        world.nothing_left()


def inside_a_cluster_the_pods_own_account_is_used():
    """As in a pod: no configuration, a token and a certificate in files, the server's address in variables."""
    if os.geteuid() != 0:
        print("inside_a_cluster_the_pods_own_account_is_used: only root can put files where a pod has them")
        return
    with Cluster() as world:
        become(world)
        view = json.loads((world.home / "kubeconfig").read_text())
        host, _, port = view["clusters"][0]["cluster"]["server"].removeprefix("https://").rstrip("/").partition(":")
        place = world.home / "account"
        place.mkdir()
        (place / "token").write_text(view["users"][0]["user"]["token"])
        (place / "namespace").write_text(world.namespace)
        # Whom the test's configuration trusts without a look is trusted here, too.
        shown = subprocess.run(["openssl", "s_client", "-connect", f"{host}:{port or 443}", "-showcerts"], input="",
                               capture_output=True, text=True).stdout
        (place / "ca.crt").write_text(shown[shown.index("-----BEGIN"):shown.rindex("-----END CERTIFICATE-----") + 26])
        del world.environment["KUBECONFIG"]
        world.environment.update(KUBERNETES_SERVICE_HOST=host, KUBERNETES_SERVICE_PORT=port or "443")
        into = "/var/run/secrets/kubernetes.io/serviceaccount"
        inside = ["unshare", "--mount", "sh", "-c",
                  f"mount -t tmpfs none /run && mkdir -p {into} && cp {place}/* {into} && exec \"$@\"", "inside"]
        records = world.records(world.job("echo done > file"), statuses=[0, 0, 0, 0],
                                commands=[inside + words for words in stages])
        assert of(records, "session.finished")[0]["ending"] == "succeeded", records


check([the_account_is_enough_for_a_run, the_account_is_enough_to_clear_away, an_account_without_rights_is_told_so,
       what_is_somebody_elses_stays, what_is_there_already_and_somebody_elses_stays, inside_a_cluster_the_pods_own_account_is_used])
