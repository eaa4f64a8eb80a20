"""One page of a PDF as PNG, in a process of its own: `python preview_worker.py PAGE WIDTH < pdf > png`.

Run by `api.preview` with an empty environment. Papers of other programs are drawn here too, so the process first gives
up what it could harm: memory, time, new files, new processes, the network. It imports nothing of this project.
"""

import resource
import sys

MEMORY = 1024 * 1024 * 1024
SECONDS = 10
MOST_PIXELS = 20_000_000


def main() -> int:
    """Draw the page; exit 0 with a PNG on standard output, else non-zero and nothing."""
    page, width = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pypdfium2
    import pyseccomp
    from PIL import Image

    Image.preinit()  # its format modules are read lazily, and files are closed off below
    pdf = sys.stdin.buffer.read()
    # Everything is loaded: from here on no file is opened, nothing is run, nobody is called. The price: text in a font
    # the paper does not embed is drawn in pdfium's own.
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for call in ("open", "openat", "openat2", "creat", "execve", "execveat", "socket", "connect", "fork", "vfork"):
        rules.add_rule(pyseccomp.ERRNO(13), call)
    for call in ("ptrace", "process_vm_readv", "process_vm_writev", "kill", "tkill", "unlink", "unlinkat", "rename"):
        rules.add_rule(pyseccomp.ERRNO(13), call)
    rules.load()

    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    sheet = document[page - 1]
    across, down = sheet.get_size()
    scale = min(width / across, (MOST_PIXELS / (across * down)) ** 0.5)
    image = sheet.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    image.save(sys.stdout.buffer, format="PNG")
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
