/// YAML as Kubernetes' tools read and write it (sigs.k8s.io/yaml: YAML 1.1 scalars, JSON's kinds of values).
///
/// Values are ``JSON/JSONValue``: the text of numbers, the order of members and members nobody here has heard of survive
/// a parse and a print. Comments, anchors and the choice of quotes do not.
public enum YAMLDocuments {}
