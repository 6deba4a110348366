package server

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

type question struct {
	ID       string `json:"id"`
	Document string `json:"document"`
	// Old is the object that the document replaces; without it the document is a creation.
	Old string `json:"old"`
	// Show asks for the object as it is stored behind the webhooks.
	Show bool `json:"show"`
	// Others are the objects beside it in the cluster.
	Others []string `json:"others"`
}

type answer struct {
	ID       string `json:"id"`
	Bare     string `json:"bare"`
	Webhooks string `json:"webhooks"`
	Stored   any    `json:"stored,omitempty"`
}

// Main reads documents and writes verdicts, one JSON object a line each.
//
// The only argument of the program is the file of the CRD as JSON. A line of input is
// {"id": …, "document": "the document's JSON text"}, for an update with "old": "the object as it is", and with
// "others": [the objects beside it]. A line of output is {"id": …, "bare": "why a cluster without webhooks refuses it,
// or nothing", "webhooks": "the same with the webhooks"}, and where it was asked "show": true and nobody refuses, with
// "stored": the object behind the webhooks.
func Main(hooks *Webhooks) {
	if len(os.Args) != 2 {
		fail(errors.New("usage: oracle CRD.json < documents > verdicts"))
	}
	content, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err)
	}
	server, err := newServer(content)
	if err != nil {
		fail(err)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			fail(err)
		}
		if hooks.Cluster != nil {
			hooks.Cluster(asked.Others)
		}
		_, bare := server.decide([]byte(asked.Document), []byte(asked.Old), nil)
		object, whole := server.decide([]byte(asked.Document), []byte(asked.Old), hooks)
		told := answer{ID: asked.ID, Bare: text(bare), Webhooks: text(whole)}
		if asked.Show && whole == nil {
			told.Stored = object.Object
		}
		if err := encoder.Encode(told); err != nil {
			fail(err)
		}
	}
	if err := in.Err(); err != nil {
		fail(err)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "oracle:", err)
	os.Exit(2)
}
