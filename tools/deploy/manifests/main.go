// Command manifests reads Kubernetes objects from standard input, as YAML
// documents or, with -json-map, as the values of one JSON object. It fails on
// objects that an API server would reject: unknown kinds, fields that do not exist
// or have another type, and duplicate names; and on network policies that do not
// match the pods, see ports.go.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	fromMap := flag.Bool("json-map", false, "read one JSON object whose values are the objects")
	flag.Parse()
	read := readYAML
	if *fromMap {
		read = readMap
	}
	documents, err := read(os.Stdin)
	if err == nil {
		err = check(documents)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "manifests:", err)
		os.Exit(1)
	}
	fmt.Printf("manifests: %d objects decode strictly\n", len(documents))
}

func readYAML(in io.Reader) (documents [][]byte, err error) {
	stream := yaml.NewYAMLReader(bufio.NewReader(in))
	for {
		document, err := stream.Read()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
}

func readMap(in io.Reader) (documents [][]byte, err error) {
	var objects map[string]json.RawMessage
	if err := json.NewDecoder(in).Decode(&objects); err != nil {
		return nil, err
	}
	for _, object := range objects {
		documents = append(documents, object)
	}
	return documents, nil
}

func check(documents [][]byte) error {
	decoder := serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, scheme.Scheme, scheme.Scheme,
		serializer.SerializerOptions{Yaml: true, Strict: true})
	seen := map[string]bool{}
	var all objects
	for _, document := range documents {
		name, object, err := decode(decoder, document)
		if err != nil {
			return err
		}
		all.add(object)
		if seen[name] {
			return fmt.Errorf("%s occurs twice", name)
		}
		seen[name] = true
	}
	if len(seen) == 0 {
		return errors.New("no objects")
	}
	return all.checkPorts()
}

// decode returns kind and name of the object, and the object.
func decode(decoder runtime.Decoder, document []byte) (string, runtime.Object, error) {
	object, kind, err := decoder.Decode(document, nil, nil)
	if err != nil {
		return "", nil, fmt.Errorf("%w in\n%.400s", err, document)
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return "", nil, err
	}
	u := unstructured.Unstructured{Object: fields}
	if u.GetName() == "" {
		return "", nil, fmt.Errorf("%s without a name", kind)
	}
	return kind.String() + " " + u.GetNamespace() + "/" + u.GetName(), object, nil
}
