// Command manifests reads Kubernetes objects from standard input and fails on
// what an API server would refuse to decode: kinds it does not know, fields
// that do not exist or have another type, and names that occur twice.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	n, err := check(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "manifests:", err)
		os.Exit(1)
	}
	fmt.Printf("manifests: %d objects decode strictly\n", n)
}

// check returns how many objects it has seen.
func check(in io.Reader) (int, error) {
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme,
		json.SerializerOptions{Yaml: true, Strict: true})
	documents := yaml.NewYAMLReader(bufio.NewReader(in))
	seen := map[string]bool{}
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			if len(seen) == 0 {
				return 0, errors.New("no objects")
			}
			return len(seen), nil
		}
		if err != nil {
			return 0, err
		}
		name, err := decode(decoder, document)
		if err != nil {
			return 0, err
		}
		if seen[name] {
			return 0, fmt.Errorf("%s occurs twice", name)
		}
		seen[name] = true
	}
}

// decode returns kind and name of the object.
func decode(decoder runtime.Decoder, document []byte) (string, error) {
	object, kind, err := decoder.Decode(document, nil, nil)
	if err != nil {
		return "", fmt.Errorf("%w in\n%.400s", err, document)
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return "", err
	}
	u := unstructured.Unstructured{Object: fields}
	if u.GetName() == "" {
		return "", fmt.Errorf("%s without a name", kind)
	}
	return kind.String() + " " + u.GetNamespace() + "/" + u.GetName(), nil
}
