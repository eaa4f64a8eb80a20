// Tlogcheck judges a log written in the layout of C2SP tlog-tiles with Go's own sumdb/note and sumdb/tlog, which share
// no line with the code under test: signatures, every tile against the signed root, every entry against its leaf,
// consistency with an earlier checkpoint, and proofs for single entries.
//
//	tlogcheck FOLDER VERIFIER-KEY [PROOF...]
//
// FOLDER holds "checkpoint", "checkpoint.old" and "tile/...". Prints one line per thing checked; exit status 1 at the
// first that does not hold.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type folder string

func (f folder) read(path string) []byte {
	data, err := os.ReadFile(filepath.Join(string(f), filepath.FromSlash(path)))
	must("read "+path, err)
	return data
}

// Height, ReadTiles and SaveTiles make a folder a tlog.TileReader. Go's paths name the height, C2SP's do not.
func (f folder) Height() int { return height }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		one, err := os.ReadFile(filepath.Join(string(f), filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		data = append(data, one)
	}
	return data, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) checkpoint(name string, verifiers note.Verifiers) tlog.Tree {
	opened, err := note.Open(f.read(name), verifiers)
	must("open "+name, err)
	return tree(opened.Text)
}

// entries reads the bundles up to the tree's size.
func (f folder) entries(size int64) [][]byte {
	var all [][]byte
	for first := int64(0); first < size; first += 1 << height {
		width := size - first
		if width > 1<<height {
			width = 1 << height
		}
		tile := tlog.Tile{H: height, L: -1, N: first >> height, W: int(width)}
		data := f.read(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1))
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	return all
}

func tree(text string) tlog.Tree {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		fail("a checkpoint of %d lines", len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must("size", err)
	root, err := tlog.ParseHash(lines[2])
	must("root", err)
	return tlog.Tree{N: size, Hash: root}
}

func main() {
	from := folder(os.Args[1])
	verifier, err := note.NewVerifier(strings.TrimSpace(os.Args[2]))
	must("verifier key", err)
	verifiers := note.VerifierList(verifier)

	now := from.checkpoint("checkpoint", verifiers)
	fmt.Println("signed by", verifier.Name(), "at", now.N)

	reader := tlog.TileHashReader(now, from)
	entries := from.entries(now.N)
	if int64(len(entries)) != now.N {
		fail("%d entries for a tree of %d", len(entries), now.N)
	}
	for number, entry := range entries {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(number))})
		must("tiles", err)
		if hashes[0] != tlog.RecordHash(entry) {
			fail("entry %d is not its leaf", number)
		}
	}
	fmt.Println("entries", len(entries))

	before := from.checkpoint("checkpoint.old", verifiers)
	consistency, err := tlog.ProveTree(now.N, before.N, reader)
	must("prove consistency", err)
	must("consistency", tlog.CheckTree(consistency, now.N, now.Hash, before.N, before.Hash))
	fmt.Println("grown from", before.N)

	for _, path := range os.Args[3:] {
		text, err := os.ReadFile(path)
		must("read proof", err)
		checkProof(string(text), verifiers, entries)
		fmt.Println("proof", filepath.Base(path))
	}
}

// checkProof reads a C2SP tlog-proof.
func checkProof(text string, verifiers note.Verifiers, entries [][]byte) {
	head, signed, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") {
		fail("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	must("index", err)
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		must("proof line", err)
		var hash tlog.Hash
		if copy(hash[:], raw) != tlog.HashSize || len(raw) != tlog.HashSize {
			fail("a hash of %d bytes", len(raw))
		}
		proof = append(proof, hash)
	}
	opened, err := note.Open([]byte(signed), verifiers)
	must("open the proof's checkpoint", err)
	at := tree(opened.Text)
	must("inclusion", tlog.CheckRecord(proof, at.N, at.Hash, index, tlog.RecordHash(entries[index])))
}

func must(what string, err error) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func fail(format string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
