// A registry (distribution, which Docker Hub and Harbor run too), and a second opinion on what lies in one.
//
//	registry serve FOLDER [--login NAME:PASSWORD] [--cert FILE --key FILE]  one on a free port, told on standard output
//	registry look IMAGE        what go-containerregistry says of an image, and the files that it unpacks to, as JSON
//	registry base IMAGE [EMPTY]  pushes a small index for two kinds of node, with programs that are none
package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"golang.org/x/crypto/bcrypt"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(verb string, arguments []string) error {
	switch verb {
	case "serve":
		return serve(arguments)
	case "look":
		return look(arguments[0])
	case "base":
		return base(arguments[0], len(arguments) > 1)
	}
	return errors.New("serve, look or base")
}

func serve(arguments []string) error {
	options := map[string]string{}
	for at := 1; at+1 < len(arguments); at += 2 {
		options[arguments[at]] = arguments[at+1]
	}
	config := &configuration.Configuration{}
	config.Version = "0.1"
	config.Log.Level = "error"
	config.Log.AccessLog.Disabled = true
	config.Storage = configuration.Storage{
		"filesystem": configuration.Parameters{"rootdirectory": arguments[0]},
		"delete":     configuration.Parameters{"enabled": true},
	}
	if login := options["--login"]; login != "" {
		file := filepath.Join(arguments[0], "htpasswd")
		user, password, _ := strings.Cut(login, ":")
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(user+":"+string(hash)+"\n"), 0o600); err != nil {
			return err
		}
		config.Auth = configuration.Auth{"htpasswd": configuration.Parameters{"realm": "tests", "path": file}}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { // whoever started us holds the other end, and lets go of it even when killed
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{Handler: handlers.NewApp(context.Background(), config)}
	if cert := options["--cert"]; cert != "" {
		return server.ServeTLS(listener, cert, options["--key"])
	}
	return server.Serve(listener)
}

type found struct {
	Digest    string            `json:"digest"`
	MediaType string            `json:"mediaType"`
	Platforms []string          `json:"platforms"`
	Layers    []int64           `json:"layers"`
	Files     map[string]string `json:"files"`
	Entry     []string          `json:"entrypoint"`
}

func look(text string) error {
	reference, err := name.ParseReference(text, name.StrictValidation)
	if err != nil {
		return err
	}
	descriptor, err := remote.Get(reference)
	if err != nil {
		return err
	}
	told := found{Digest: descriptor.Digest.String(), MediaType: string(descriptor.MediaType), Files: map[string]string{}}
	images := []v1.Image{}
	if descriptor.MediaType.IsIndex() {
		index, err := descriptor.ImageIndex()
		if err != nil {
			return err
		}
		if err := validate.Index(index, validate.Fast); err != nil {
			return err
		}
		manifest, err := index.IndexManifest()
		if err != nil {
			return err
		}
		for _, each := range manifest.Manifests {
			image, err := index.Image(each.Digest)
			if err != nil {
				return err
			}
			images = append(images, image)
		}
	} else {
		image, err := descriptor.Image()
		if err != nil {
			return err
		}
		images = append(images, image)
	}
	for _, image := range images {
		if err := judge(image, &told); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(told)
}

func judge(image v1.Image, told *found) error {
	// The whole of validate takes every layer for a compressed one (go-containerregistry issue 1826); sums does the rest.
	if err := validate.Image(image, validate.Fast); err != nil {
		return err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	told.Platforms = append(told.Platforms, config.Platform().String())
	told.Entry = append(told.Entry, config.Config.Entrypoint...)
	layers, err := image.Layers()
	if err != nil {
		return err
	}
	told.Layers = nil
	for at, layer := range layers {
		size, err := sums(layer, config.RootFS.DiffIDs[at])
		if err != nil {
			return err
		}
		told.Layers = append(told.Layers, size)
	}
	unpacked := mutate.Extract(image)
	defer unpacked.Close()
	reader := tar.NewReader(unpacked)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		kind := fmt.Sprintf("%c %o %d %d %d", header.Typeflag, header.Mode, header.Uid, header.Gid, header.ModTime.Unix())
		if header.Typeflag == tar.TypeReg {
			hash := sha256.New()
			if _, err := io.Copy(hash, reader); err != nil {
				return err
			}
			kind += " " + hex.EncodeToString(hash.Sum(nil))
		}
		told.Files[header.Name] = kind
	}
}

// sums reads a layer as it lies there and as it unpacks, and holds both against what is said of them.
func sums(layer v1.Layer, unpacked v1.Hash) (int64, error) {
	digest, err := layer.Digest()
	if err != nil {
		return 0, err
	}
	wanted, err := layer.Size()
	if err != nil {
		return 0, err
	}
	for _, each := range []struct {
		open func() (io.ReadCloser, error)
		hash v1.Hash
	}{{layer.Compressed, digest}, {layer.Uncompressed, unpacked}} {
		stream, err := each.open()
		if err != nil {
			return 0, err
		}
		hash, _, err := v1.SHA256(stream)
		if err != nil {
			return 0, err
		}
		if hash != each.hash {
			return 0, fmt.Errorf("a layer is %s, not %s", hash, each.hash)
		}
		_ = stream.Close()
	}
	return wanted, nil
}

// base pushes what images can be built on: an index with a manifest a kind of node, and one that is no image.
func base(text string, bare bool) error {
	reference, err := name.ParseReference(text, name.StrictValidation)
	if err != nil {
		return err
	}
	var index v1.ImageIndex = empty.Index
	for _, architecture := range []string{"amd64", "arm64", "unknown"} {
		programs := []string{"bin/sh", "bin/ln", "bin/sleep", "etc/" + architecture}
		if bare {
			programs = programs[3:]
		}
		layer, err := layerOf(programs, architecture)
		if err != nil {
			return err
		}
		image, err := mutate.AppendLayers(empty.Image, layer)
		if err != nil {
			return err
		}
		config, err := image.ConfigFile()
		if err != nil {
			return err
		}
		config.Architecture, config.OS = architecture, "linux"
		config.Config.Entrypoint = []string{"/bin/sh"}
		config.Config.Env = []string{"PATH=/bin"}
		if architecture == "unknown" {
			config.OS = "unknown"
		}
		if image, err = mutate.ConfigFile(image, config); err != nil {
			return err
		}
		platform := &v1.Platform{OS: config.OS, Architecture: architecture}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
	}
	if err := remote.WriteIndex(reference, index); err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Println(digest)
	return nil
}

func layerOf(paths []string, content string) (v1.Layer, error) {
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	for _, path := range paths {
		header := &tar.Header{Name: path, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}
		if err := writer.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := writer.Write([]byte(content)); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil })
}
