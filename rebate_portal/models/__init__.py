from . import rebate_agreement, rebate_agreement_documents, rebate_agreement_progress
