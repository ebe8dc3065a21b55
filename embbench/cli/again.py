"""The command of the user, to be repeated."""

import typer


def command_again(context: typer.Context, *without: str) -> str:
    """The command as a shell reads it, and as the program was called. without: flags to leave out."""
    import shutil

    from embbench.plain import shell_line

    program, arguments = context.obj["program"], context.obj["arguments"]
    if program == "-c" or shutil.which("embbench") == program:
        program = "embbench"
    return shell_line([program, *(argument for argument in arguments if argument not in without)])
