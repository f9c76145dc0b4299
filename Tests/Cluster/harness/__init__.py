"""What the tests against a real kube-apiserver are made of: servers, pods, and a kubelet's part of starting a pod."""
