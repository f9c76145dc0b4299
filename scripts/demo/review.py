#!/usr/bin/env python3
"""What the apiserver does around a webhook's call, for scripts/demo.sh.

  review.py annotate REVIEW KEY=VALUE...   prints the review with these annotations on its pod
  review.py container REVIEW FIELDS        prints the review with these fields (JSON) in its pod's first container
  review.py pod REVIEW                     prints the pod that a review asks about
  review.py patch REVIEW ANSWER            applies the answer's patch (RFC 6902) and prints the pod
  review.py is-unchanged ANSWER            succeeds where the answer allows the pod and changes nothing
  review.py denial ANSWER                  prints why the answer refuses the pod; fails where it does not
  review.py with-pod REVIEW POD            prints the review with another pod
  review.py account POD                    prints namespace/name of the pod's ServiceAccount
  review.py audience POD                   prints the audience of the token that the agent gets
"""

import base64
import json
import sys


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def show(value):
    json.dump(value, sys.stdout, separators=(",", ":"), ensure_ascii=False)


def tokens(pointer):
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def apply(document, operations):
    for operation in operations:
        *way, last = tokens(operation["path"])
        place = document
        for token in way:
            place = place[int(token)] if isinstance(place, list) else place[token]
        kind = operation["op"]
        if isinstance(place, list):
            index = len(place) if last == "-" else int(last)
            if kind == "add":
                place.insert(index, operation["value"])
            elif kind == "replace":
                place[index] = operation["value"]
            elif kind == "remove":
                del place[index]
            else:
                sys.exit(f"the demo does not apply '{kind}'")
        elif kind in ("add", "replace"):
            place[last] = operation["value"]
        elif kind == "remove":
            del place[last]
        else:
            sys.exit(f"the demo does not apply '{kind}'")
    return document


def response_to(answer, uid=None):
    response = answer["response"]
    if uid is not None and response["uid"] != uid:
        sys.exit("the answer belongs to another review: its uid differs")
    return response


def main(arguments):
    command, path, *rest = arguments
    document = load(path)
    if command == "annotate":
        metadata = document["request"]["object"]["metadata"]
        metadata.setdefault("annotations", {}).update(pair.split("=", 1) for pair in rest)
        show(document)
    elif command == "container":
        document["request"]["object"]["spec"]["containers"][0].update(json.loads(rest[0]))
        show(document)
    elif command == "pod":
        show(document["request"]["object"])
    elif command == "patch":
        request = document["request"]
        response = response_to(load(rest[0]), request["uid"])
        if not response["allowed"]:
            sys.exit("the webhook refused the pod: " + response["status"]["message"])
        if response.get("patchType") != "JSONPatch":
            sys.exit("the webhook allowed the pod without a patch")
        show(apply(request["object"], json.loads(base64.b64decode(response["patch"]))))
    elif command == "is-unchanged":
        response = response_to(document)
        if not response["allowed"] or json.loads(base64.b64decode(response.get("patch", "")) or "[]"):
            sys.exit("the webhook wants to change the pod a second time")
    elif command == "denial":
        response = response_to(document)
        if response["allowed"]:
            sys.exit("the webhook allowed the pod")
        print(response["status"]["message"])
    elif command == "with-pod":
        document["request"]["object"] = load(rest[0])
        show(document)
    elif command == "account":
        print(document["metadata"]["namespace"] + "/" + document["spec"].get("serviceAccountName", "default"))
    elif command == "audience":
        for volume in document["spec"]["volumes"]:
            for source in volume.get("projected", {}).get("sources", []):
                if "audience" in source.get("serviceAccountToken", {}):
                    print(source["serviceAccountToken"]["audience"])
                    return
        sys.exit("the pod has no volume with a token for an audience")
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
