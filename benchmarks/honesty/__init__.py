"""Does the pipeline promote luck, and does it find an edge that is there? (quant.md, section 7)"""
