"""What the files of models say of themselves: read without running anything, in one pass, with bounded memory."""
